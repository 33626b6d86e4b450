// prefix_count: how many flags are set before each group of four, over the beats of a vector.
//
//   base[g] = min(2^Bits - 1, flags set in groups before g of this beat and in the beats before it)
//   behind[i] = flags set before i in its group, 0 to 3
//   before, after = as base, for the beginning and the end of the beat
// Parameters: R flags a beat, a multiple of 4; Bits of a count.
// Latency 1, initiation interval 1 beat. first_i marks the first beat of a vector; gaps are allowed.
`default_nettype none

module prefix_count #(
  parameter R = 32,
  parameter Bits = 3
) (
  input  wire clk_i,
  input  wire valid_i,
  input  wire first_i,
  input  wire [R-1:0] flags_i,
  output wire [(R/4)*Bits-1:0] base_o,
  output wire [2*R-1:0] behind_o,
  output wire [Bits-1:0] before_o,
  output wire [Bits-1:0] after_o
);

  generate
    if (R < 4 || R % 4 != 0) begin : gen_illegal_r
      prefix_count_r_must_be_a_multiple_of_4 u_illegal ();
    end
    if (Bits < 1) begin : gen_illegal_bits
      prefix_count_bits_must_be_positive u_illegal ();
    end
  endgenerate

  localparam Groups = R / 4;
  localparam Levels = $clog2(Groups);

  // inclusive prefix sums: level l adds the last group of the half before to the later half of
  // every block of 2^l groups
  genvar level, group;
  generate
    for (level = 0; level <= Levels; level = level + 1) begin : gen_level
      wire [Groups*Bits-1:0] sums;
      for (group = 0; group < Groups; group = group + 1) begin : gen_group
        if (level == 0) begin : gen_flags
          wire [3:0] flags = flags_i[group*4 +: 4];
          // 0 to 4, or as many as the bits hold
          wire two = (flags[0] & flags[1]) | (flags[2] & flags[3])
            | ((flags[0] | flags[1]) & (flags[2] | flags[3]));
          if (Bits == 1) begin : gen_any
            wire unused = two;
            assign sums[group] = |flags;
          end else if (Bits == 2) begin : gen_two
            assign sums[group*2 +: 2] = {two, (^flags) | (&flags)};
          end else begin : gen_number
            wire [2:0] number = {&flags, two & ~(&flags), ^flags};
            assign sums[group*Bits +: Bits] = {{(Bits-3){1'b0}}, number};
          end
        end else if (((group >> (level - 1)) & 1) == 1) begin : gen_later
          localparam From = ((group >> (level - 1)) << (level - 1)) - 1;
          saturating_sum #(.Bits(Bits)) u_sum (
            .a_i(gen_level[level-1].sums[From*Bits +: Bits]),
            .b_i(gen_level[level-1].sums[group*Bits +: Bits]),
            .sum_o(sums[group*Bits +: Bits])
          );
        end else begin : gen_earlier
          assign sums[group*Bits +: Bits] = gen_level[level-1].sums[group*Bits +: Bits];
        end
      end
    end
  endgenerate
  wire [Groups*Bits-1:0] sums = gen_level[Levels].sums;

  reg [Groups*Bits-1:0] base_q;
  reg [Bits-1:0] after_q;
  wire [Bits-1:0] start = first_i ? {Bits{1'b0}} : after_q;
  wire [(Groups+1)*Bits-1:0] base;
  assign base[Bits-1:0] = start;
  generate
    for (group = 0; group < Groups; group = group + 1) begin : gen_base
      saturating_sum #(.Bits(Bits)) u_sum (
        .a_i(start), .b_i(sums[group*Bits +: Bits]), .sum_o(base[(group+1)*Bits +: Bits])
      );
    end
  endgenerate
  reg [2*R-1:0] behind_q;
  wire [2*R-1:0] behind;
  generate
    for (group = 0; group < Groups; group = group + 1) begin : gen_behind
      wire [2:0] flags = flags_i[group*4 +: 3];
      assign behind[group*8 +: 8] = {
        (flags[0] & flags[1]) | (flags[2] & (flags[0] | flags[1])), ^flags,
        flags[0] & flags[1], flags[0] ^ flags[1], 1'b0, flags[0], 2'b00};
    end
  endgenerate
  always @(posedge clk_i) begin
    if (valid_i) begin
      behind_q <= behind;
      base_q <= base[Groups*Bits-1:0];
      after_q <= base[Groups*Bits +: Bits];
    end
  end
  assign base_o = base_q;
  assign behind_o = behind_q;
  assign before_o = base_q[Bits-1:0];
  assign after_o = after_q;

endmodule

`default_nettype wire
