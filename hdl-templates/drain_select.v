// drain_select: the sums of one group of sets, registered.
//   sum_o[s] = sums_i[group_i][s], or 0 where empty_i[group_i][s]; one cycle later.
// Parameters: Groups >= 1; GroupBits >= log2(Groups), at least 1; Sums a group of SumBits bits.
`default_nettype none

module drain_select #(
  parameter Groups = 2,
  parameter GroupBits = 1,
  parameter Sums = 1,
  parameter SumBits = 20
) (
  input  wire clk_i,
  input  wire [GroupBits-1:0] group_i,
  input  wire [Groups*Sums-1:0] empty_i,
  input  wire [Groups*Sums*SumBits-1:0] sums_i,
  output wire [Sums*SumBits-1:0] sum_o
);

  generate
    if (Sums < 1 || SumBits < 1) begin : gen_illegal_sizes
      drain_select_sizes_must_be_positive u_illegal ();
    end
    if (GroupBits < 1 || Groups < 1 || Groups > (1 << GroupBits)) begin : gen_illegal_group_bits
      drain_select_group_bits_too_few u_illegal ();
    end
  endgenerate

  wire [Sums-1:0] empty;
  wire [Sums*SumBits-1:0] sums;
  word_select #(.Words(Groups), .IndexBits(GroupBits), .Width(Sums)) u_empty (
    .index_i(group_i), .words_i(empty_i), .word_o(empty)
  );
  word_select #(.Words(Groups), .IndexBits(GroupBits), .Width(Sums*SumBits)) u_sums (
    .index_i(group_i), .words_i(sums_i), .word_o(sums)
  );

  genvar slot;
  generate
    for (slot = 0; slot < Sums; slot = slot + 1) begin : gen_slot
      reg [SumBits-1:0] sum_q;
      // a reset of the register, which costs no logic a bit
      always @(posedge clk_i) begin
        if (empty[slot]) sum_q <= {SumBits{1'b0}};
        else sum_q <= sums[slot*SumBits +: SumBits];
      end
      assign sum_o[slot*SumBits +: SumBits] = sum_q;
    end
  endgenerate

endmodule

`default_nettype wire
