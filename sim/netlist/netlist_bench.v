// Feeds a synthesised nzflow_top all beats of some inferences and compares every beat that comes out.
// Memories: stimulus.hex, a line a beat {last, data}; expected.hex {last, care, data}.
`timescale 1ns / 1ps
module netlist_bench;

  parameter InBits = 8;
  parameter OutBits = 32;
  parameter InBeats = 1;
  parameter OutBeats = 1;
  // cycles without a beat in or out after which the design hangs
  parameter Patience = 20000;
  // 0: always valid and always ready; else the seed of random gaps on both sides
  parameter Seed = 0;

  reg clk = 1'b0;
  // all flip-flops of the parts hold their set or reset value from the start
  reg rst_n = 1'b0;
  always #5 clk = !clk;

  reg [InBits:0] stimulus [0:InBeats-1];
  reg [2*OutBits:0] expected [0:OutBeats-1];
  initial begin
    $readmemh("stimulus.hex", stimulus);
    $readmemh("expected.hex", expected);
  end

  integer sent = 0, taken = 0, quiet = 0, cycles = 0, random = Seed;
  reg valid = 1'b0, ready = 1'b0;
  wire in_ready, out_valid, out_last;
  wire [OutBits-1:0] out_data;
  wire [2*OutBits:0] now = expected[taken];
  wire [OutBits-1:0] care = now[OutBits +: OutBits];

  nzflow_top u_top (
    .clk_i(clk), .rst_ni(rst_n), .in_valid_i(valid), .in_ready_o(in_ready),
    .in_last_i(stimulus[sent][InBits]), .in_data_i(stimulus[sent][InBits-1:0]),
    .out_valid_o(out_valid), .out_ready_i(ready), .out_last_o(out_last), .out_data_o(out_data)
  );

  initial begin
    repeat (32) @(negedge clk);
    rst_n = 1'b1;
  end

  // inputs change with the falling edge: no race with the netlist's flip-flops
  always @(negedge clk) if (rst_n) begin
    if (valid && in_ready_q) begin
      sent = sent + 1;
      quiet = 0;
    end
    // a beat that was offered stays
    if (!(valid && !in_ready_q)) valid = sent < InBeats && (Seed == 0 || ($random(random) & 3) != 0);
    ready = Seed == 0 || ($random(random) & 3) != 0;
  end

  reg in_ready_q = 1'b0;
  always @(posedge clk) if (rst_n) begin
    cycles = cycles + 1;
    quiet = quiet + 1;
    in_ready_q = in_ready;
    if (in_ready !== 1'b0 && in_ready !== 1'b1) failed("in_ready_o is unknown");
    if (out_valid !== 1'b0 && out_valid !== 1'b1) failed("out_valid_o is unknown");
    if (out_valid && ready) begin
      quiet = 0;
      if (out_last !== now[2*OutBits]) failed("out_last_o");
      if ((out_data & care) !== (now[OutBits-1:0] & care)) failed("out_data_o");
      taken = taken + 1;
      if (taken == OutBeats) begin
        $display("EQUAL %0d beats in %0d cycles", taken, cycles);
        $finish;
      end
    end
    if (quiet > Patience) failed("nothing moves");
  end

  task failed;
    input [8*32-1:0] what;
    begin
      $display("DIFFERENT beat %0d: %0s, got %h, expected %h", taken, what, out_data, now[OutBits-1:0]);
      $finish;
    end
  endtask

endmodule
