// token_address: where token t of a site lies in the store of a lane. Combinational.
//
//   SitesPerBeat = 1: word (slot, column, t*Values / Tokens), value t*Values mod Tokens
//   SitesPerBeat > 1: word (slot, column / SitesPerBeat),
//                     value (column mod SitesPerBeat) * ValuesPerSite + t*Values
// Parameters: as in site_store; Values a step, a power of two; ValuesPerSite
//   = Tokens / SitesPerBeat; SubBits >= log2(Tokens), at least 1.
`default_nettype none

module token_address #(
  parameter Tokens = 1,
  parameter SubBits = 1,
  parameter RowBits = 3,
  parameter ColumnBits = 3,
  parameter CountBits = 3,
  parameter WordsPerSite = 1,
  parameter SitesPerBeat = 1,
  parameter ValuesPerSite = 1,
  parameter Values = 1,
  parameter AddressBits = 6
) (
  input  wire [RowBits-1:0] slot_i,
  input  wire [ColumnBits-1:0] column_i,
  input  wire [CountBits-1:0] token_i,
  output wire [AddressBits-1:0] address_o,
  output wire [SubBits-1:0] sub_o
);

  generate
    if (Tokens < 1 || (Tokens & (Tokens - 1)) != 0) begin : gen_illegal_tokens
      token_address_tokens_must_be_a_power_of_two u_illegal ();
    end
    if (Values < 1 || (Values & (Values - 1)) != 0) begin : gen_illegal_values
      token_address_values_must_be_a_power_of_two u_illegal ();
    end
    if (SubBits < 1 || Tokens > (1 << SubBits)) begin : gen_illegal_sub_bits
      token_address_sub_bits_too_few u_illegal ();
    end
    if (SitesPerBeat > 1
        && ValuesPerSite * SitesPerBeat != Tokens) begin : gen_illegal_values_per_site
      token_address_values_per_site_must_be_tokens_over_sites_per_beat u_illegal ();
    end
    if (WordsPerSite > 1 && SitesPerBeat > 1) begin : gen_illegal_split
      token_address_words_per_site_and_sites_per_beat_exclude_each_other u_illegal ();
    end
    if (AddressBits != RowBits + ColumnBits - $clog2(SitesPerBeat) + $clog2(WordsPerSite))
    begin : gen_illegal_address_bits
      token_address_address_bits_do_not_fit_the_store u_illegal ();
    end
  endgenerate

  localparam BeatShift = $clog2(SitesPerBeat);
  localparam ValueShift = $clog2(Values);
  localparam TokenShift = $clog2(Tokens);
  localparam WordBits = (WordsPerSite > 1) ? $clog2(WordsPerSite) : 1;
  // wide enough for a value number of any site, whatever the split
  localparam FlatBits = CountBits + ValueShift + WordBits + SubBits + ColumnBits;

  wire [FlatBits-1:0] value = {{(FlatBits-CountBits){1'b0}}, token_i} << ValueShift;

  generate
    if (SitesPerBeat > 1) begin : gen_shared
      wire [FlatBits-1:0] site = {{(FlatBits-BeatShift){1'b0}}, column_i[BeatShift-1:0]};
      wire [FlatBits-1:0] flat = (site << $clog2(ValuesPerSite)) + value;
      assign sub_o = flat[SubBits-1:0];
      assign address_o = {slot_i, column_i[ColumnBits-1:BeatShift]};
      wire unused = &{1'b0, flat[FlatBits-1:SubBits]};
    end else begin : gen_own
      wire [FlatBits-1:0] word = value >> TokenShift;
      if (WordsPerSite > 1) begin : gen_words
        assign address_o = {slot_i, column_i, word[WordBits-1:0]};
      end else begin : gen_word
        assign address_o = {slot_i, column_i};
        wire unused_word = word[0];
      end
      assign sub_o = (Tokens > 1) ? value[SubBits-1:0] : {SubBits{1'b0}};
      wire unused = &{1'b0, value[FlatBits-1:SubBits], word[FlatBits-1:WordBits]};
    end
  endgenerate

endmodule

`default_nettype wire
