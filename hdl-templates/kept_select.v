// kept_select: one of several words, as word_select. Combinational.
//   word_o = words_i[index_i], word 0 least significant.
// A module of its own, so that synthesis does not make one wide function of the choice and of what
// decides it, which takes up to eight look-up tables a bit where one or two do.
// Parameters: as word_select. For a choice by signals that come late, or from much logic.
`default_nettype none

(* keep_hierarchy = "yes" *)
module kept_select #(
  parameter Words = 4,
  parameter IndexBits = 2,
  parameter Width = 8
) (
  input  wire [IndexBits-1:0] index_i,
  input  wire [Words*Width-1:0] words_i,
  output wire [Width-1:0] word_o
);

  generate
    if (Words < 1 || IndexBits < 1 || Width < 1 || Words > (1 << IndexBits)) begin : gen_illegal_sizes
      kept_select_sizes_do_not_fit u_illegal ();
    end
  endgenerate

  word_select #(.Words(Words), .IndexBits(IndexBits), .Width(Width)) u_select (
    .index_i(index_i), .words_i(words_i), .word_o(word_o)
  );

endmodule

`default_nettype wire
