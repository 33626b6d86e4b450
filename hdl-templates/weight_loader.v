// weight_loader: fills the memories of a design from a stream, between inferences.
//
// Load stream: beats of LoadBits bits, load_last_i on the final one of an image:
//   header       StructureId in the low 32 bits: of which structure the words are
//   data         for every memory image 0, 1, ..., for every word 0, 1, ..., its parts of LoadBits
//                bits, least significant first; the last part of a word may use fewer bits
//   trailer      CRC-32 (IEEE 802.3, reflected) over the bytes of all data beats, low byte first
// Data beats are written to all memories with their image number at once: engines and copies that
// hold the same words do not lengthen loading. load_o = {write, image (16), part (16),
// address (24), data (LoadBits)}, one cycle after the beat is taken.
//
// Inferences and loading exclude each other:
//   before the first complete load  no inference is let in; its first beat waits (pass_ready)
//   a load beat is offered          no further inference is let in; those inside finish; then the
//                                   header is taken, and a beat a cycle from then on
//   after the trailer               run_o is high again ResetCycles + 2 cycles later; inferences are let
//                                   in from the cycle behind that on
// An inference that has begun to enter enters completely. Beats are not lost on either side. From the
// header until then run_o is low: the reset of everything that reads the memories, since windows
// that lie in the padding alone are worked on before any input comes.
//   wrong header          the rest up to load_last_i is taken and dropped; nothing is written, what
//                         was loaded before stays in force; load_error_o
//   load_last_i too early, too late (more beats than images need) or wrong CRC: load_error_o, and
//                         the memories count as empty: no inference until a complete load
// load_error_o goes low with the next right header; loaded_o says that inferences may enter.
//
// Parameters
//   LoadBits     32 or more, a multiple of 8
//   Images       1 to 65,535; LastWords (24 bits an image, image 0 least significant) its words
//                less 1, LastParts (16 bits an image) parts of a word less 1
//   StructureId  see above
//   ResetCycles  4 or more: so long run_o is low after the last beat
// An inference is inside from its first beat taken (in_*) to its last beat given (leave_i), at
// most 2^24 - 1 of them. in_valid_i to pass_valid_o and pass_ready_i to in_ready_o are
// combinational: nothing is added to the latency of an inference.
`default_nettype none

module weight_loader #(
  parameter LoadBits = 72,
  parameter Images = 2,
  parameter [24*Images-1:0] LastWords = {Images{24'd15}},
  parameter [16*Images-1:0] LastParts = {Images{16'd0}},
  parameter [31:0] StructureId = 32'd0,
  parameter ResetCycles = 16
) (
  input  wire clk_i,
  input  wire rst_ni,
  // load stream, and what goes to the memories
  input  wire load_valid_i,
  output wire load_ready_o,
  input  wire load_last_i,
  input  wire [LoadBits-1:0] load_data_i,
  output wire [56+LoadBits:0] load_o,
  output wire run_o,
  output wire loaded_o,
  output wire load_error_o,
  // inferences on their way in, and out
  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire in_last_i,
  output wire pass_valid_o,
  input  wire pass_ready_i,
  input  wire leave_i
);

  generate
    if (LoadBits < 32 || LoadBits % 8 != 0) begin : gen_illegal_load_bits
      weight_loader_load_bits_must_be_32_or_more_and_whole_bytes u_illegal ();
    end
    if (ResetCycles < 4) begin : gen_illegal_reset
      weight_loader_reset_cycles_must_be_4_or_more u_illegal ();
    end
    if (Images < 1 || Images > 65535) begin : gen_illegal_images
      weight_loader_images_must_be_1_to_65535 u_illegal ();
    end
  endgenerate

  localparam ImageBits = (Images > 1) ? $clog2(Images) : 1;
  localparam [31:0] LastImage = Images - 1;
  localparam SettleBits = $clog2(ResetCycles + 1);
  localparam [31:0] Settle = ResetCycles;
  localparam [31:0] One = 32'd1;
  localparam [2:0] Idle = 3'd0, Header = 3'd1, Data = 3'd2, Trailer = 3'd3, Drop = 3'd4;

  // the bytes of a beat, low bit first
  function [31:0] crc_next;
    input [31:0] crc;
    input [LoadBits-1:0] data;
    integer i;
    reg low;
    begin
      crc_next = crc;
      for (i = 0; i < LoadBits; i = i + 1) begin
        low = crc_next[0] ^ data[i];
        crc_next = {1'b0, crc_next[31:1]} ^ (low ? 32'hEDB88320 : 32'd0);
      end
    end
  endfunction

  // ---- inferences: let in while open_q, counted while inside
  reg open_q;
  reg entering_q;
  reg [23:0] inside_q;
  wire want_load;
  wire may_open;
  wire pass = entering_q || open_q;
  wire take = in_valid_i && in_ready_o;
  wire enter = take && !entering_q;
  assign pass_valid_o = in_valid_i && pass;
  assign in_ready_o = pass_ready_i && pass;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q <= 1'b0;
      entering_q <= 1'b0;
      inside_q <= 24'd0;
    end else begin
      if (take) entering_q <= !in_last_i;
      if (enter != leave_i) inside_q <= enter ? inside_q + 24'd1 : inside_q - 24'd1;
      // a beat that is offered is not taken back
      if (open_q ? (want_load && (!in_valid_i || take)) : may_open) open_q <= !open_q;
    end
  end

  // ---- loading
  reg [2:0] state_q;
  reg loaded_q;
  reg error_q;
  reg run_q;
  reg [SettleBits-1:0] settle_q;
  reg [31:0] crc_q;
  reg [ImageBits-1:0] image_q;
  reg [15:0] part_q;
  reg [23:0] address_q;
  reg [15:0] last_part_q;
  reg [23:0] last_address_q;
  wire empty = !open_q && !entering_q && inside_q == 24'd0;
  wire beat = load_valid_i && load_ready_o;
  wire part_end = part_q == last_part_q;
  wire word_end = part_end && address_q == last_address_q;
  wire data_end = word_end && image_q == LastImage[ImageBits-1:0];
  wire [ImageBits-1:0] image_next = (state_q != Data) ? {ImageBits{1'b0}} :
    (beat && word_end) ? image_q + One[ImageBits-1:0] : image_q;
  wire [24*Images-1:0] last_words = LastWords;
  wire [16*Images-1:0] last_parts = LastParts;
  assign want_load = load_valid_i && state_q == Idle;
  assign may_open = run_q && !want_load && state_q == Idle;
  assign run_o = run_q;
  assign load_ready_o = state_q != Idle;
  assign loaded_o = loaded_q;
  assign load_error_o = error_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      state_q <= Idle;
      loaded_q <= 1'b0;
      error_q <= 1'b0;
      run_q <= 1'b0;
      settle_q <= Settle[SettleBits-1:0];
    end else begin
      run_q <= loaded_q && state_q == Idle && settle_q == {SettleBits{1'b0}};
      if (state_q != Idle) settle_q <= Settle[SettleBits-1:0];
      else if (settle_q != {SettleBits{1'b0}}) settle_q <= settle_q - One[SettleBits-1:0];
      case (state_q)
        Idle: if (want_load && empty) state_q <= Header;
        Header: begin
          if (beat) begin
            error_q <= load_data_i[31:0] != StructureId || load_last_i;
            state_q <= load_last_i ? Idle : (load_data_i[31:0] == StructureId) ? Data : Drop;
          end
        end
        Data: begin
          if (beat) begin
            loaded_q <= 1'b0;
            if (load_last_i) error_q <= 1'b1;
            state_q <= load_last_i ? Idle : data_end ? Trailer : Data;
          end
        end
        Trailer: begin
          if (beat) begin
            loaded_q <= load_last_i && load_data_i[31:0] == ~crc_q;
            error_q <= !load_last_i || load_data_i[31:0] != ~crc_q;
            state_q <= load_last_i ? Idle : Drop;
          end
        end
        default: if (beat && load_last_i) state_q <= Idle;
      endcase
    end

    image_q <= image_next;
    last_part_q <= last_parts[image_next*16 +: 16];
    last_address_q <= last_words[image_next*24 +: 24];
    if (state_q != Data) begin
      part_q <= 16'd0;
      address_q <= 24'd0;
    end else if (beat) begin
      part_q <= part_end ? 16'd0 : part_q + 16'd1;
      if (part_end) address_q <= word_end ? 24'd0 : address_q + 24'd1;
    end
    if (state_q == Header) crc_q <= 32'hFFFFFFFF;
    else if (state_q == Data && beat) crc_q <= crc_next(crc_q, load_data_i);
  end

  // ---- to the memories
  reg write_q;
  reg [55:0] place_q;
  reg [LoadBits-1:0] data_q;
  wire [15:0] image_word;
  generate
    if (ImageBits < 16) begin : gen_short
      assign image_word = {{(16-ImageBits){1'b0}}, image_q};
    end else begin : gen_full
      assign image_word = image_q;
    end
  endgenerate
  always @(posedge clk_i) begin
    if (!rst_ni) write_q <= 1'b0;
    else write_q <= beat && state_q == Data;
    place_q <= {image_word, part_q, address_q};
    data_q <= load_data_i;
  end
  assign load_o = {write_q, place_q, data_q};

`ifdef FORMAL_weight_loader
  // The environment: offered beats are held; an inference leaves when it is inside, and entered.
  reg past_q = 1'b0;
  reg [7:0] count_q;  // inferences that have begun to enter and have not left
  reg begun_q;        // the last of them has not entered whole
  always @(*) begin
    if (!past_q) assume (!rst_ni);
    if (leave_i) assume (count_q != 8'd0 && !(count_q == 8'd1 && begun_q));
    assume (count_q != 8'd255);
  end

  // The load stream, followed by what the header says of it: data beats of an image, all of them.
  localparam [1:0] First = 2'd0, Words = 2'd1, Check = 2'd2, Rest = 2'd3;
  reg [1:0] phase_q;
  reg loaded_f_q, error_f_q;
  reg [31:0] image_f_q, word_f_q, part_f_q;
  wire [31:0] word_end_f = {8'd0, last_words[image_f_q*24 +: 24]};
  wire [31:0] part_end_f = {16'd0, last_parts[image_f_q*16 +: 16]};
  wire image_end_f = part_f_q == part_end_f && word_f_q == word_end_f;
  wire all_f = image_end_f && image_f_q == Images - 1;
  wire right = load_last_i && load_data_i[31:0] == ~crc_q;
  reg [15:0] quiet_q;   // cycles since the last beat of the stream, or since reset
  reg due_q;            // a data beat was taken: it is written now
  reg [55:0] due_place_q;
  reg [LoadBits-1:0] due_data_q;

  always @(posedge clk_i) begin
    past_q <= 1'b1;
    due_q <= rst_ni && beat && phase_q == Words;
    due_place_q <= {image_f_q[15:0], part_f_q[15:0], word_f_q[23:0]};
    due_data_q <= load_data_i;
    if (!rst_ni) begin
      count_q <= 8'd0;
      begun_q <= 1'b0;
      phase_q <= First;
      loaded_f_q <= 1'b0;
      error_f_q <= 1'b0;
      quiet_q <= 16'd1;
    end else begin
      count_q <= count_q + {7'd0, enter} - {7'd0, leave_i};
      if (take) begun_q <= !in_last_i;
      quiet_q <= (load_ready_o) ? 16'd1 : (quiet_q == 16'd999) ? quiet_q : quiet_q + 16'd1;
      if (beat) begin
        case (phase_q)
          First: begin
            phase_q <= load_last_i ? First : (load_data_i[31:0] == StructureId) ? Words : Rest;
            error_f_q <= load_last_i || load_data_i[31:0] != StructureId;
          end
          Words: begin
            phase_q <= load_last_i ? First : all_f ? Check : Words;
            loaded_f_q <= 1'b0;
            if (load_last_i) error_f_q <= 1'b1;
          end
          Check: begin
            phase_q <= load_last_i ? First : Rest;
            loaded_f_q <= right;
            error_f_q <= !right;
          end
          default: if (load_last_i) phase_q <= First;
        endcase
      end
    end
    if (phase_q == First) begin
      image_f_q <= 32'd0;
      word_f_q <= 32'd0;
      part_f_q <= 32'd0;
    end else if (beat && phase_q == Words) begin
      part_f_q <= (part_f_q == part_end_f) ? 32'd0 : part_f_q + 32'd1;
      if (part_f_q == part_end_f) word_f_q <= image_end_f ? 32'd0 : word_f_q + 32'd1;
      if (image_end_f) image_f_q <= image_f_q + 32'd1;
    end

    if (past_q && rst_ni && $past(rst_ni)) begin
      if ($past(load_valid_i && !load_ready_o)) assume (load_valid_i && $stable({load_last_i, load_data_i}));
      if ($past(in_valid_i && !in_ready_o)) assume (in_valid_i && $stable(in_last_i));
      // an inference that is offered is not taken back
      if ($past(pass_valid_o && !pass_ready_i)) assert (pass_valid_o);
      // none begins once a load waits, and one that has begun enters whole
      if ($past(load_valid_i && !load_ready_o && (!in_valid_i || take))) assert (!open_q);
    end
    if (past_q && rst_ni) begin
      if (begun_q) assert (pass_valid_o == in_valid_i && in_ready_o == pass_ready_i);
      assert (pass_valid_o == (in_valid_i && (pass)) && (take == (pass_valid_o && pass_ready_i)));
      if (enter) assert (loaded_o && run_o && phase_q == First);
      // nothing is taken or written while an inference is inside, and what reads the memories is in reset then
      if (beat) assert (count_q == 8'd0 && !begun_q);
      if (load_o[56+LoadBits]) assert (count_q == 8'd0 && !begun_q && !run_o && !loaded_o);
      // each data beat is written once, at the place it belongs to, and nothing else is
      assert (load_o[56+LoadBits] == due_q);
      if (due_q) assert (load_o[55+LoadBits:0] == {due_place_q, due_data_q});
      assert (loaded_o == loaded_f_q && load_error_o == error_f_q);
      // run_o is high from ResetCycles + 2 cycles behind the last beat on, inferences enter from the next one on
      assert (run_o == (loaded_f_q && !(load_ready_o && state_q != Header) && quiet_q >= ResetCycles + 2)
              || (state_q == Header && run_o && loaded_f_q));
      // what that follows from
      assert (inside_q == count_q && entering_q == begun_q && !(begun_q && count_q == 8'd0));
      if (open_q) assert (run_q && loaded_q && state_q == Idle && quiet_q >= ResetCycles + 3);
      if (count_q != 8'd0) assert (run_q && loaded_q && state_q == Idle);
      assert (state_q <= Drop && quiet_q <= 16'd999);
      assert (phase_q == ((state_q == Data) ? Words : (state_q == Trailer) ? Check : (state_q == Drop) ? Rest : First));
      if (state_q != Idle) assert (!open_q);
      if (state_q == Data) begin
        assert (image_q == image_f_q && part_q == part_f_q && address_q == word_f_q && image_f_q < Images);
        assert (part_f_q <= part_end_f && word_f_q <= word_end_f);
        assert (last_part_q == part_end_f && last_address_q == word_end_f);
      end
      if (state_q == Data && due_q) assert (!run_q && !loaded_q);
      if (state_q == Trailer) assert (!run_q && !loaded_q);
      if (state_q == Data && $past(rst_ni && state_q == Data)) assert (!run_q);
      if (due_q) assert (!run_q && !loaded_q && count_q == 8'd0);
      if (state_q == Idle && quiet_q <= ResetCycles) assert (settle_q == ResetCycles + 1 - quiet_q && quiet_q != 0);
      if (state_q == Idle && quiet_q > ResetCycles) assert (settle_q == 0);
      cover (loaded_o && take && in_last_i && !begun_q);
      cover (load_error_o && !loaded_o && due_q);
    end
  end

`ifdef FORMAL_BOUNDED
  // the CRC, with its bits the other way round: from ones on, a beat a step
  function [31:0] backwards;
    input [31:0] word;
    integer i;
    for (i = 0; i < 32; i = i + 1) backwards[i] = word[31-i];
  endfunction
  reg [31:0] crc_before_q;
  reg [31:0] crc_f;
  integer f;
  always @(*) begin
    crc_f = backwards(crc_before_q);
    for (f = 0; f < LoadBits; f = f + 1) crc_f = (crc_f << 1) ^ ((crc_f[31] != due_data_q[f]) ? 32'h04C11DB7 : 32'd0);
  end
  always @(posedge clk_i) begin
    crc_before_q <= crc_q;
    if (past_q && rst_ni && $past(rst_ni)) begin
      if ($past(state_q == Header)) assert (crc_q == 32'hFFFFFFFF);
      else if (due_q) assert (crc_q == backwards(crc_f));
      else if ($past(phase_q) != First) assert (crc_q == crc_before_q);
    end
  end
`endif
`endif

endmodule

`default_nettype wire
