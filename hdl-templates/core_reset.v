// core_reset: a reset that lasts as long as the design behind it needs.
//
// core_rst_no is low while rst_ni is, and for ResetCycles cycles and one more behind a cycle in
// which that or reset_i asked for it. busy_o: it is low.
// Parameters: ResetCycles, 1 or more.
`default_nettype none

module core_reset #(
  parameter ResetCycles = 16
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire reset_i,
  output wire busy_o,
  output wire core_rst_no
);

  generate
    if (ResetCycles < 1) begin : gen_illegal_cycles
      core_reset_needs_one_cycle_or_more u_illegal ();
    end
  endgenerate

  localparam CountBits = $clog2(ResetCycles + 1);
  localparam [31:0] CyclesWord = ResetCycles;
  localparam [CountBits-1:0] Cycles = CyclesWord[CountBits-1:0];
  localparam [CountBits:0] OneWord = {{CountBits{1'b0}}, 1'b1};

  reg [CountBits-1:0] left_q;
  reg run_q;
  wire done = left_q == {CountBits{1'b0}};
  assign busy_o = !run_q || !done;
  assign core_rst_no = run_q;

  always @(posedge clk_i) begin
    if (!rst_ni || reset_i) begin
      left_q <= Cycles;
      run_q <= 1'b0;
    end else begin
      if (!done) left_q <= left_q - OneWord[CountBits-1:0];
      run_q <= done;
    end
  end

`ifdef FORMAL_core_reset
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);
  reg [CountBits:0] low_q;
  always @(posedge clk_i) begin
    if (!rst_ni || reset_i) low_q <= 0;
    else if (!low_q[CountBits]) low_q <= low_q + 1'b1;
    if (past_q && rst_ni) begin
      assert (left_q <= Cycles);
      // low for ResetCycles cycles behind the one that asked for it, high from then on
      if (low_q <= ResetCycles) assert (!core_rst_no);
      if (low_q <= ResetCycles) assert (left_q == ResetCycles - low_q);
      else assert (core_rst_no && !busy_o && left_q == 0);
      cover (core_rst_no && reset_i);
    end
  end
`endif

endmodule

`default_nettype wire
