// word_select: one of several words. Combinational.
//   word_o = words_i[index_i], word 0 least significant.
// A tree of 2:1 choices: an indexed part select of a width that is no power of two becomes a
// shifter behind a multiplier in synthesis.
// Parameters: Words >= 1; IndexBits >= log2(Words), at least 1; Width bits a word. An index from
// Words on gives any of the words.
`default_nettype none

module word_select #(
  parameter Words = 2,
  parameter IndexBits = 1,
  parameter Width = 8
) (
  input  wire [IndexBits-1:0] index_i,
  input  wire [Words*Width-1:0] words_i,
  output wire [Width-1:0] word_o
);

  generate
    if (Words < 1 || Width < 1) begin : gen_illegal_sizes
      word_select_sizes_must_be_positive u_illegal ();
    end
    if (IndexBits < 1 || Words > (1 << IndexBits)) begin : gen_illegal_index_bits
      word_select_index_bits_too_few u_illegal ();
    end
  endgenerate

  localparam Levels = $clog2(Words);

  genvar level, word;
  generate
    for (level = 0; level <= Levels; level = level + 1) begin : gen_level
      localparam Left = (Words + (1 << level) - 1) >> level;
      wire [Left*Width-1:0] left;
      if (level == 0) begin : gen_words
        assign left = words_i;
      end else begin : gen_choices
        localparam Before = (Words + (1 << (level - 1)) - 1) >> (level - 1);
        for (word = 0; word < Left; word = word + 1) begin : gen_word
          if (2 * word + 1 < Before) begin : gen_choice
            assign left[word*Width +: Width] = index_i[level-1]
              ? gen_level[level-1].left[(2*word+1)*Width +: Width]
              : gen_level[level-1].left[2*word*Width +: Width];
          end else begin : gen_only
            assign left[word*Width +: Width] = gen_level[level-1].left[2*word*Width +: Width];
          end
        end
      end
    end
    assign word_o = gen_level[Levels].left;
    if (IndexBits > Levels) begin : gen_unused
      wire unused = &{1'b0, index_i[IndexBits-1:Levels]};
    end
  endgenerate

`ifdef FORMAL_word_select
  wire [31:0] index = index_i;
  wire [Width-1:0] chosen = words_i >> (index * Width);
  always @(*) begin
    if (index < Words) assert (word_o == chosen);
    cover (index == Words - 1 && word_o != {Width{1'b0}});
  end
`endif

endmodule

`default_nettype wire
