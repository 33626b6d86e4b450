// axi_stream_rules: the rules of AXI4-Stream for whoever sends, as assertions.
//
//   S1 valid is low in reset and in the first cycle behind it
//   S2 valid stays high until ready
//   S3 data, keep and last do not change while they wait
//   S4 keep is whole but with last, and there it has low bytes only, at least one
// BatchBeats > 0:
//   S5 last comes with every BatchBeats-th beat and with no other
`default_nettype none

module axi_stream_rules #(
  parameter Bytes = 4,
  parameter BatchBeats = 0
) (
  input wire clk_i,
  input wire rst_ni,
  input wire valid_i,
  input wire ready_i,
  input wire last_i,
  input wire [Bytes-1:0] keep_i,
  input wire [8*Bytes-1:0] data_i
);
  reg before_q = 1'b0;
  reg reset_q = 1'b1;
  reg waits_q = 1'b0;
  reg last_q = 1'b0;
  reg [Bytes-1:0] keep_q = 0;
  reg [8*Bytes-1:0] data_q = 0;
  integer beats_q = 0;

  always @(posedge clk_i) begin
    before_q <= 1'b1;
    reset_q <= !rst_ni;
    waits_q <= rst_ni && valid_i && !ready_i;
    last_q <= last_i;
    keep_q <= keep_i;
    data_q <= data_i;
    if (!rst_ni) beats_q <= 0;
    else if (valid_i && ready_i) beats_q <= last_i ? 0 : beats_q + 1;

    if (before_q && reset_q) assert (!valid_i) else $error("S1 valid behind a reset");
    if (rst_ni && waits_q) begin
      assert (valid_i) else $error("S2 valid fell before ready");
      assert (last_i == last_q && keep_i == keep_q && data_i == data_q)
        else $error("S3 a beat changed while it waited");
    end
    if (rst_ni && valid_i) begin
      assert ((keep_i & (keep_i + 1'b1)) == 0 && keep_i != 0 && (last_i || &keep_i))
        else $error("S4 bytes are missing inside a packet");
      if (BatchBeats > 0) assert (last_i == (beats_q + 1 == BatchBeats))
        else $error("S5 last at the wrong beat");
    end
  end
endmodule

`default_nettype wire
