// nzflow_token_probe: hands every transfer of a stream between two layers to the harness.
//
// A token is {channel, value}, value in the low bits; token t of a beat is
// data_i[t*TokenBits +: TokenBits]. Dense = 1: a token is the value alone, all values of a site
// come in channel order, the last beat padded with zeros.
// Simulation only (`NZFLOW_PROBE`): no outputs. See engine_probe for how it is told apart.
`default_nettype none

module nzflow_token_probe #(
  parameter int unsigned T = 1,
  parameter int unsigned ChannelBits = 8,
  parameter int unsigned ValueBits = 8,
  parameter int unsigned ValueSigned = 0,
  parameter int unsigned Dense = 0,
  parameter int unsigned CountBits = $clog2(T + 1),
  parameter int unsigned TokenBits = (Dense != 0) ? ValueBits : ChannelBits + ValueBits
) (
  input wire clk_i,
  input wire rst_ni,
  input wire valid_i,
  input wire ready_i,
  input wire last_i,
  input wire [CountBits-1:0] count_i,
  input wire [T*TokenBits-1:0] data_i
);
  import "DPI-C" function void nzflow_tokens(
    input int probe, input int unsigned last, input int unsigned count,
    input bit [T*TokenBits-1:0] data
  );

  int probe;
  initial begin
    probe = $c("nzflow_register_stream(vlSelf->name(), ", T, ", ", ChannelBits, ", ", ValueBits,
               ", ", ValueSigned, ", ", Dense, ")");
  end

  always @(posedge clk_i) begin
    if (rst_ni && valid_i && ready_i) nzflow_tokens(probe, 32'(last_i), 32'(count_i), data_i);
  end
endmodule

`default_nettype wire
