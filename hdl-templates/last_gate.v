// last_gate: the end of a feature map instead of the end of every site.
//
//   last_o = last_i in every Sites-th site, else 0
// Parameters: Sites of a map, 1 or more.
// Latency 0 (combinational). It looks at a stream on its way (valid_i and ready_i are those of the
// beat that last_i belongs to) and holds nothing up.
`default_nettype none

module last_gate #(
  parameter Sites = 4
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  input  wire ready_i,
  input  wire last_i,
  output wire last_o
);

  localparam SiteBits = (Sites > 1) ? $clog2(Sites) : 1;
  localparam [31:0] LastWord = Sites - 1;
  localparam [SiteBits-1:0] Last = LastWord[SiteBits-1:0];
  localparam [SiteBits:0] OneWord = {{SiteBits{1'b0}}, 1'b1};

  generate
    if (Sites < 1) begin : gen_illegal_sites
      last_gate_sites_must_be_positive u_illegal ();
    end
  endgenerate

  reg [SiteBits-1:0] site_q;
  assign last_o = last_i && site_q == Last;
  always @(posedge clk_i) begin
    if (!rst_ni) site_q <= {SiteBits{1'b0}};
    else if (valid_i && ready_i && last_i) begin
      site_q <= (site_q == Last) ? {SiteBits{1'b0}} : site_q + OneWord[SiteBits-1:0];
    end
  end

endmodule

`default_nettype wire
