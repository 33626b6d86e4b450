// Feeds an nzflow_top all beats of some inferences, compares every beat that comes out and tells in which
// cycle it came. Memories: stimulus.hex, a line a beat {last, data}; expected.hex {last, care, data}.
// +in, +out: that many of them; +seed=0: always valid and always ready, else of random gaps on both sides.
`timescale 1ns / 1ps
module netlist_bench;

  parameter InBits = 8;
  parameter OutBits = 32;
  // at most
  parameter InBeats = 1;
  parameter OutBeats = 1;
  // cycles without a beat in or out after which the design hangs
  parameter Patience = 20000;

  reg clk = 1'b0;
  // all flip-flops of the parts hold their set or reset value from the start
  reg rst_n = 1'b0;
  always #5 clk = !clk;

  reg [InBits:0] stimulus [0:InBeats-1];
  reg [2*OutBits:0] expected [0:OutBeats-1];
  reg gaps = 1'b0;
  reg [31:0] noise = 32'd0;
  integer in_beats = 0, out_beats = 0;
  initial begin
    if (!$value$plusargs("in=%d", in_beats)) in_beats = InBeats;
    if (!$value$plusargs("out=%d", out_beats)) out_beats = OutBeats;
    if (!$value$plusargs("seed=%d", noise)) noise = 32'd0;
    gaps = noise != 32'd0;
    $readmemh("stimulus.hex", stimulus, 0, in_beats - 1);
    $readmemh("expected.hex", expected, 0, out_beats - 1);
    repeat (32) @(negedge clk);
    rst_n = 1'b1;
  end

  // xorshift: the same numbers in every simulator
  function [31:0] shifted;
    input [31:0] value;
    reg [31:0] a, b;
    begin
      a = value ^ (value << 13);
      b = a ^ (a >> 17);
      shifted = b ^ (b << 5);
    end
  endfunction

  integer sent = 0, taken = 0, quiet = 0, cycles = 0;
  reg valid = 1'b0, ready = 1'b0, in_ready_q = 1'b0, over = 1'b0;
  wire in_ready, out_valid, out_last;
  wire [OutBits-1:0] out_data;
  wire [InBits:0] offered = stimulus[sent];
  wire [2*OutBits:0] now = expected[taken];
  wire [OutBits-1:0] care = now[OutBits +: OutBits];

  nzflow_top u_top (
    .clk_i(clk), .rst_ni(rst_n), .in_valid_i(valid), .in_ready_o(in_ready),
    .in_last_i(offered[InBits]), .in_data_i(offered[InBits-1:0]),
    .out_valid_o(out_valid), .out_ready_i(ready), .out_last_o(out_last), .out_data_o(out_data)
  );

  // inputs change with the falling edge: no race with the netlist's flip-flops
  always @(negedge clk) if (rst_n) begin
    if (valid && in_ready_q) sent = sent + 1;
    noise = shifted(noise);
    // a beat that was offered stays
    if (!(valid && !in_ready_q)) valid = sent < in_beats && (!gaps || noise[9:8] != 2'd0);
    ready = !gaps || noise[1:0] != 2'd0;
  end

  always @(posedge clk) if (rst_n && !over) begin
    cycles = cycles + 1;
    quiet = valid && in_ready ? 0 : quiet + 1;
    in_ready_q = in_ready;
    if (in_ready !== 1'b0 && in_ready !== 1'b1) failed("in_ready_o is unknown");
    else if (out_valid !== 1'b0 && out_valid !== 1'b1) failed("out_valid_o is unknown");
    else if (out_valid && ready) begin
      if (out_last !== now[2*OutBits]) failed("out_last_o");
      else if ((out_data & care) !== (now[OutBits-1:0] & care)) failed("out_data_o");
      else begin
        $display("BEAT %0d", cycles);
        quiet = 0;
        if (taken + 1 == out_beats) begin
          $display("EQUAL %0d beats in %0d cycles", out_beats, cycles);
          over = 1'b1;
          $finish;
        end else taken = taken + 1;
      end
    end else if (quiet > Patience) failed("nothing moves");
  end

  task failed;
    input [8*32-1:0] what;
    begin
      $display("DIFFERENT beat %0d: %0s, got %h, expected %h", taken, what, out_data, now[OutBits-1:0]);
      over = 1'b1;
      $finish;
    end
  endtask

endmodule
