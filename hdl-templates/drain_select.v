// drain_select: the sums of one group of sets, registered.
//   sum_o = sums_i[group_i], one cycle later.
// Parameters: Groups >= 1; GroupBits >= log2(Groups), at least 1; Width bits a group.
`default_nettype none

module drain_select #(
  parameter Groups = 2,
  parameter GroupBits = 1,
  parameter Width = 20
) (
  input  wire clk_i,
  input  wire [GroupBits-1:0] group_i,
  input  wire [Groups*Width-1:0] sums_i,
  output wire [Width-1:0] sum_o
);

  generate
    if (Groups < 1 || Width < 1) begin : gen_illegal_sizes
      drain_select_sizes_must_be_positive u_illegal ();
    end
    if (GroupBits < 1 || Groups > (1 << GroupBits)) begin : gen_illegal_group_bits
      drain_select_group_bits_too_few u_illegal ();
    end
  endgenerate

  reg [Width-1:0] sum_q;
  assign sum_o = sum_q;

  generate
    if (Groups > 1) begin : gen_select
      always @(posedge clk_i) sum_q <= sums_i[group_i*Width +: Width];
    end else begin : gen_single
      always @(posedge clk_i) sum_q <= sums_i;
      wire unused = &{1'b0, group_i};
    end
  endgenerate

endmodule

`default_nettype wire
