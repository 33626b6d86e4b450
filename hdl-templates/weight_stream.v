// weight_stream: weight words from memory beside the device, to every engine that can use them.
//
// The beats of all words come over and over again in one order, a period: section 0 (all words of
// a layer), section 1, ... A word is offered to all engines at once, and each that works on a
// window takes it; no engine waits for a certain word, since sums do not depend on the order of
// their products. So one reading serves as many inferences as there are at work, none has to
// wait for another, and a word that nobody needs goes by. While nobody wants words the stream
// stands; the FIFO in front fills up meanwhile.
//
// Parameters
//   BeatBits      bits of a beat
//   FifoDepth     beats of the FIFO, 3 or more; BlockFifo 1: in block memory
//   WordBeats     beats of the longest word
//   Sections      layers with words
//   SectionWords, SectionBeats  32 bits a section, section 0 least significant: words, beats a word
// want_i: some engine works on a window, in this or one of the last cycles.
// Timing: a word whose last beat leaves the FIFO in cycle s is given in the first cycle t > s with
//   want_i; the first beat of the next word leaves the FIFO in cycle t at the earliest (FIFO:
//   block_fifo, latency 2). valid_o[section] is high in cycle t+1, word_o holds the word in t+2.
//   A word of fewer than WordBeats beats lies at the most significant end, its first beat lowest.
//   Initiation interval: the beats of a word.
`default_nettype none

module weight_stream #(
  parameter BeatBits = 32,
  parameter FifoDepth = 17,
  parameter BlockFifo = 0,
  parameter WordBeats = 1,
  parameter Sections = 1,
  parameter [Sections*32-1:0] SectionWords = 32'd2,
  parameter [Sections*32-1:0] SectionBeats = 32'd1
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  output wire ready_o,
  input  wire [BeatBits-1:0] data_i,
  input  wire want_i,
  output wire [Sections-1:0] valid_o,
  output wire [WordBeats*BeatBits-1:0] word_o
);

  generate
    if (BeatBits < 1 || WordBeats < 1 || Sections < 1) begin : gen_illegal_sizes
      weight_stream_sizes_must_be_positive u_illegal ();
    end
    if (SectionWords[31:0] < 1 || SectionBeats[31:0] < 1
        || SectionBeats[31:0] > WordBeats) begin : gen_illegal_section
      weight_stream_section_does_not_fit u_illegal ();
    end
  endgenerate

  localparam WordBits = WordBeats * BeatBits;
  localparam CountBits = (WordBeats > 1) ? $clog2(WordBeats) : 1;
  localparam SectionBits = (Sections > 1) ? $clog2(Sections) : 1;
  localparam [31:0] LastSection = Sections - 1;

  wire beat_valid, beat_ready;
  wire [BeatBits-1:0] beat;
  block_fifo #(.Width(BeatBits), .Depth(FifoDepth), .BlockMemory(BlockFifo)) u_fifo (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .ready_o(ready_o), .data_i(data_i),
    .valid_o(beat_valid), .ready_i(beat_ready), .data_o(beat)
  );

  // ---- beats to words
  reg [WordBits-1:0] word_q;
  reg complete_q;
  reg [CountBits-1:0] count_q;   // beats of the word that are here
  wire word_end;
  wire take = complete_q & want_i;
  assign beat_ready = !complete_q | take;
  wire shift = beat_valid & beat_ready;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      complete_q <= 1'b0;
      count_q <= {CountBits{1'b0}};
    end else begin
      if (shift) begin
        complete_q <= word_end;
        count_q <= word_end ? {CountBits{1'b0}} : count_q + 1'b1;
      end else if (take) begin
        complete_q <= 1'b0;
      end
    end
  end

  generate
    if (WordBeats > 1) begin : gen_beats
      always @(posedge clk_i) if (shift) word_q <= {beat, word_q[WordBits-1:BeatBits]};
    end else begin : gen_beat
      always @(posedge clk_i) if (shift) word_q <= beat;
    end
  endgenerate

  // ---- sections: that of the word which comes in, and that of the complete one
  wire [Sections-1:0] complete_section;
  generate
    if (Sections > 1) begin : gen_sections
      reg [SectionBits-1:0] section_q;
      reg [SectionBits-1:0] complete_section_q;
      reg [31:0] number_q;
      wire [31:0] last_beat = SectionBeats[section_q*32 +: 32] - 32'd1;
      wire [31:0] last_word = SectionWords[section_q*32 +: 32] - 32'd1;
      wire section_end = number_q == last_word;
      assign word_end = count_q == last_beat[CountBits-1:0];
      wire unused = &{1'b0, last_beat[31:CountBits]};
      always @(posedge clk_i) begin
        if (!rst_ni) begin
          section_q <= {SectionBits{1'b0}};
          number_q <= 32'd0;
        end else if (shift & word_end) begin
          number_q <= section_end ? 32'd0 : number_q + 32'd1;
          if (section_end) begin
            section_q <= (section_q == LastSection[SectionBits-1:0]) ? {SectionBits{1'b0}}
                                                                     : section_q + 1'b1;
          end
        end
        if (shift & word_end) complete_section_q <= section_q;
      end
      assign complete_section = {{(Sections-1){1'b0}}, 1'b1} << complete_section_q;
    end else begin : gen_section
      localparam [31:0] LastBeat = WordBeats - 1;
      assign word_end = count_q == LastBeat[CountBits-1:0];
      assign complete_section = 1'b1;
    end
  endgenerate

  // ---- to the engines: data a cycle behind valid, as a memory would give it
  reg [Sections-1:0] valid_q;
  reg [WordBits-1:0] given_q;
  reg [WordBits-1:0] out_q;
  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= {Sections{1'b0}};
    else valid_q <= {Sections{take}} & complete_section;
    given_q <= word_q;
    out_q <= given_q;
  end
  assign valid_o = valid_q;
  assign word_o = out_q;

`ifdef FORMAL_weight_stream
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);
  always @(posedge clk_i) begin
    if (past_q && rst_ni) begin
      assert ({{(32-CountBits){1'b0}}, count_q} < WordBeats);
      assert (!complete_q || count_q == {CountBits{1'b0}});
      // a complete word stays until it is taken, and no word is given twice
      if ($past(rst_ni) && $past(complete_q && !want_i)) begin
        assert (complete_q);
        assert ($stable(word_q));
        assert (valid_o == {Sections{1'b0}});
      end
      if ($past(rst_ni) && $past(take)) begin
        assert (valid_o != {Sections{1'b0}});
        assert ((valid_o & (valid_o - 1'b1)) == {Sections{1'b0}});
        assert (given_q == $past(word_q));
        if (WordBeats > 1) assert (!complete_q);
      end
      cover (valid_o != {Sections{1'b0}});
    end
  end
`endif

endmodule

`default_nettype wire
