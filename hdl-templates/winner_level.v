// winner_level: one bit of the value of the K-th largest, most significant bit first.
//
//   n = slots of the vector that are active and have the bit; reached = n >= need
//   active' = active where the bit equals `reached`; need' = reached ? need : need - n
// Active are the slots whose higher bits equal those of the K-th largest; need: how many of them
// are among the K largest, at least 1. Where n is smaller than need, all n win, and the rest comes
// from those without the bit.
//
// A vector comes as Beats beats without a gap. valid_i[c]: there was a beat c cycles ago; first_i
// and last_i belong to the beat of the cycle before. need_i: of the vector whose last beat was in the
// cycle before.
// Parameters: R slots a beat; Beats a vector; Bits of a count, K <= 2^Bits - 1.
// Timing: with a beat in cycle t its bits leave in t + Beats + 1 (bit_o), its slots in t + Beats + 2
// (active_o); with the last beat in cycle t reached_o and need_o change in t + 2.
`default_nettype none

module winner_level #(
  parameter R = 32,
  parameter Beats = 2,
  parameter Bits = 3
) (
  input  wire clk_i,
  input  wire [Beats+1:0] valid_i,
  input  wire first_i,
  input  wire last_i,
  input  wire [R-1:0] active_i,
  input  wire [R-1:0] bit_i,
  input  wire [Bits-1:0] need_i,
  output wire reached_o,
  output wire [Bits-1:0] need_o,
  output wire [R-1:0] bit_o,
  output wire [R-1:0] active_o
);

  generate
    if (R < 1 || Beats < 1 || Bits < 1) begin : gen_illegal_sizes
      winner_level_sizes_must_be_positive u_illegal ();
    end
  endgenerate

  localparam Triples = (R + 2) / 3;
  localparam Levels = $clog2(Triples);
  localparam Cut = Levels / 2;  // a register behind this level of the sum

  function [Bits-1:0] rest_of;  // need - n, where n is smaller
    input [Bits-1:0] need;
    input [Bits-1:0] n;
    integer i;
    reg borrow;
    begin
      borrow = 1'b0;
      for (i = 0; i < Bits; i = i + 1) begin
        rest_of[i] = need[i] ^ n[i] ^ borrow;
        borrow = (~need[i] & n[i]) | (borrow & (~need[i] | n[i]));
      end
    end
  endfunction

  function less;  // n < need
    input [Bits-1:0] n;
    input [Bits-1:0] need;
    integer i;
    begin
      less = 1'b0;
      for (i = 0; i < Bits; i = i + 1) begin
        less = (~n[i] & need[i]) | (less & (~n[i] | need[i]));
      end
    end
  endfunction

  // ---- n, in two cycles
  wire [3*Triples-1:0] hits;
  assign hits[R-1:0] = active_i & bit_i;
  genvar level, node;
  generate
    if (3 * Triples > R) begin : gen_rest
      assign hits[3*Triples-1:R] = {(3*Triples-R){1'b0}};
    end
    for (level = 0; level <= Levels; level = level + 1) begin : gen_level
      localparam Count = (Triples + (1 << level) - 1) >> level;
      wire [Count*Bits-1:0] sums;
      wire [Count*Bits-1:0] kept;
      for (node = 0; node < Count; node = node + 1) begin : gen_node
        if (level == 0) begin : gen_triple
          wire [2:0] three = hits[3*node +: 3];
          if (Bits == 1) begin : gen_any
            assign sums[node] = |three;
          end else begin : gen_number
            wire [1:0] number = {(three[0] & three[1]) | (three[2] & (three[0] | three[1])),
                                 ^three};
            assign sums[node*Bits +: Bits] = {{(Bits-2){1'b0}}, number};
          end
        end else begin : gen_sum
          localparam Before = (Triples + (1 << (level - 1)) - 1) >> (level - 1);
          if (2 * node + 1 < Before) begin : gen_two
            saturating_sum #(.Bits(Bits)) u_sum (
              .a_i(gen_level[level-1].kept[2*node*Bits +: Bits]),
              .b_i(gen_level[level-1].kept[(2*node+1)*Bits +: Bits]),
              .sum_o(sums[node*Bits +: Bits])
            );
          end else begin : gen_one
            assign sums[node*Bits +: Bits] = gen_level[level-1].kept[2*node*Bits +: Bits];
          end
        end
      end
      if (level == Cut) begin : gen_register
        reg [Count*Bits-1:0] sums_q;
        always @(posedge clk_i) if (valid_i[0]) sums_q <= sums;
        assign kept = sums_q;
      end else begin : gen_wire
        assign kept = sums;
      end
    end
  endgenerate

  reg [Bits-1:0] n_q;
  reg reached_q;
  reg [Bits-1:0] need_q;
  wire [Bits-1:0] n;
  wire [Bits-1:0] n_before = first_i ? {Bits{1'b0}} : n_q;
  saturating_sum #(.Bits(Bits)) u_n (.a_i(gen_level[Levels].kept), .b_i(n_before), .sum_o(n));
  wire reached = !less(n, need_i);
  always @(posedge clk_i) begin
    if (valid_i[1]) begin
      n_q <= n;
      if (last_i) begin
        reached_q <= reached;
        need_q <= reached ? need_i : rest_of(need_i, n);
      end
    end
  end
  assign reached_o = reached_q;
  assign need_o = need_q;

  // ---- the slots wait for the last beat; only where there is a beat does anything move
  genvar stage;
  generate
    for (stage = 0; stage <= Beats; stage = stage + 1) begin : gen_stage
      reg [R-1:0] active_q, bit_q;
      if (stage == 0) begin : gen_first
        always @(posedge clk_i) begin
          if (valid_i[0]) begin
            active_q <= active_i;
            bit_q <= bit_i;
          end
        end
      end else begin : gen_later
        always @(posedge clk_i) begin
          if (valid_i[stage]) begin
            active_q <= gen_stage[stage-1].active_q;
            bit_q <= gen_stage[stage-1].bit_q;
          end
        end
      end
    end
  endgenerate
  reg [R-1:0] active_q;
  always @(posedge clk_i) begin
    if (valid_i[Beats+1]) begin
      active_q <= gen_stage[Beats].active_q & ~(gen_stage[Beats].bit_q ^ {R{reached_q}});
    end
  end
  assign bit_o = gen_stage[Beats].bit_q;
  assign active_o = active_q;

endmodule

`default_nettype wire
