// join_concat: feature maps of one size side by side: the channels of input 0, then of input 1 ...
//
//   out[Offset(i) + c] = in(i)[c]
//
// All inputs and the output have T tokens a beat, or are dense with T values a beat. A site is put
// together from a whole site of each input, input 0 first. Tokens (and dense values, where the
// channels of an input do not fill its last beat) are moved up, so that every beat of the output
// but a site's last is full, and the last one is empty only where the site is. Values are
// sign- or zero-extended.
//
// Parameters
//   Inputs       2 to 8
//   T            tokens (values) a beat, 1 or more
//   Dense        1: dense streams: tokens are values, all Channels of an input are sent, 0 up to
//                whole beats; count_o = T
//   ChannelBits, ValueBits  8 bits an input: widths in its tokens (ChannelBits of no meaning if
//                Dense); Signed 1 bit an input
//   Offsets      32 bits an input: channels of the inputs before
//   Channels     channels in all
//   OutChannelBits, OutValueBits  widths in the output's tokens
//   DataBits     of in_data_i: T tokens of every input, input 0 least significant
//   In the lists input 0 is least significant.
// Timing, exact. Beats are taken one a cycle, in the order of the site, while the output register
// is free: it is empty or its beat is given in this cycle. A beat taken in cycle c goes on to
// the output register when more than T tokens have gathered with it, or when it ends the site:
// then T of them (all, at the end) are valid in cycle c + 1. What is left over after the last
// beat of a site follows in the next cycle the register is free, and in that cycle the first
// beat of the next site can be taken. No other cycle is lost:
//   n tokens in b beats (of all inputs): b cycles, max(1, ceil(n / T)) beats out.
// It waits for the input whose turn it is, even when others have something to send, and does not
// check channel numbers or the count of dense beats.
`default_nettype none

module join_concat #(
  parameter Inputs = 2,
  parameter T = 2,
  parameter Dense = 0,
  parameter [8*Inputs-1:0] ChannelBits = {8'd3, 8'd3},
  parameter [8*Inputs-1:0] ValueBits = {8'd8, 8'd8},
  parameter [Inputs-1:0] Signed = 2'b00,
  parameter [32*Inputs-1:0] Offsets = {32'd8, 32'd0},
  parameter Channels = 16,
  parameter OutChannelBits = 4,
  parameter OutValueBits = 8,
  parameter DataBits = 44
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [Inputs-1:0] in_valid_i,
  output wire [Inputs-1:0] in_ready_o,
  input  wire [Inputs-1:0] in_last_i,
  input  wire [Inputs*$clog2(T+1)-1:0] in_count_i,
  input  wire [DataBits-1:0] in_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [$clog2(T+1)-1:0] out_count_o,
  output wire [T*(((Dense != 0) ? 0 : OutChannelBits)+OutValueBits)-1:0] out_data_o
);

  localparam CountBits = $clog2(T + 1);
  localparam TurnBits = $clog2(Inputs);
  localparam TokenBits = ((Dense != 0) ? 0 : OutChannelBits) + OutValueBits;
  localparam [31:0] Full = T;
  localparam [31:0] LastInput = Inputs - 1;
  localparam [TurnBits:0] TurnOne = {{TurnBits{1'b0}}, 1'b1};

  function integer token_bits;
    input integer port;
    begin
      token_bits = {24'd0, ValueBits[port*8 +: 8]};
      if (Dense == 0) token_bits = token_bits + {24'd0, ChannelBits[port*8 +: 8]};
    end
  endfunction

  // first bit of an input in in_data_i
  function integer start_of;
    input integer port;
    integer before_it;
    begin
      start_of = 0;
      for (before_it = 0; before_it < port; before_it = before_it + 1) begin
        start_of = start_of + T * token_bits(before_it);
      end
    end
  endfunction

  // channels of an input
  function integer channels_of;
    input integer port;
    integer first;
    begin
      first = Offsets[port*32 +: 32];
      if (port == Inputs - 1) channels_of = Channels - first;
      else channels_of = Offsets[((port + 1) % Inputs)*32 +: 32] - first;
    end
  endfunction

  genvar i;
  genvar t;
  generate
    if (Inputs < 2 || Inputs > 8) begin : gen_illegal_inputs
      join_concat_inputs_must_be_2_to_8 u_illegal ();
    end
    if (T < 1) begin : gen_illegal_t
      join_concat_t_must_be_positive u_illegal ();
    end
    if (DataBits != start_of(Inputs)) begin : gen_illegal_data_bits
      join_concat_data_bits_must_be_those_of_the_inputs u_illegal ();
    end
    if (Offsets[31:0] != 32'd0
        || (Dense == 0 && Channels > (1 << OutChannelBits))) begin : gen_illegal_channels
      join_concat_offsets_or_out_channel_bits_do_not_fit u_illegal ();
    end
    for (i = 0; i < Inputs; i = i + 1) begin : gen_illegal
      if (channels_of(i) < 1) begin : gen_illegal_offset
        join_concat_offsets_must_grow u_illegal ();
      end
      if (ValueBits[i*8 +: 8] == 8'd0 || {24'd0, ValueBits[i*8 +: 8]} > OutValueBits
          || (Dense == 0 && ChannelBits[i*8 +: 8] == 8'd0)) begin : gen_illegal_bits
        join_concat_value_bits_or_channel_bits_out_of_range u_illegal ();
      end
    end
  endgenerate

  // ---- the tokens of each input as those of the output
  wire [Inputs*T*TokenBits-1:0] inputs;
  wire [Inputs*CountBits-1:0] counts;
  generate
    for (i = 0; i < Inputs; i = i + 1) begin : gen_input
      localparam integer Bits = {24'd0, ValueBits[i*8 +: 8]};
      localparam integer NumberBits = {24'd0, ChannelBits[i*8 +: 8]};
      localparam InBits = token_bits(i);
      localparam Start = start_of(i);
      localparam [31:0] Offset = Offsets[i*32 +: 32];
      if (Dense != 0) begin : gen_dense_count
        localparam [31:0] Rest = (channels_of(i) + T - 1) % T + 1;  // in the last beat
        assign counts[i*CountBits +: CountBits] =
          in_last_i[i] ? Rest[CountBits-1:0] : Full[CountBits-1:0];
        wire unused = &{1'b0, in_count_i[i*CountBits +: CountBits]};
      end else begin : gen_count
        assign counts[i*CountBits +: CountBits] = in_count_i[i*CountBits +: CountBits];
      end
      for (t = 0; t < T; t = t + 1) begin : gen_token
        wire [InBits-1:0] token = in_data_i[Start+t*InBits +: InBits];
        wire [OutValueBits-1:0] value;
        if (OutValueBits > Bits) begin : gen_wider
          assign value = {{(OutValueBits-Bits){Signed[i] && token[Bits-1]}}, token[Bits-1:0]};
        end else begin : gen_same
          assign value = token[Bits-1:0];
        end
        if (Dense != 0) begin : gen_value
          assign inputs[(i*T+t)*TokenBits +: TokenBits] = value;
        end else begin : gen_channel
          wire [NumberBits+OutChannelBits-1:0] channel =
            {{OutChannelBits{1'b0}}, token[InBits-1:Bits]};
          assign inputs[(i*T+t)*TokenBits +: TokenBits] =
            {channel[OutChannelBits-1:0] + Offset[OutChannelBits-1:0], value};
          wire unused = &{1'b0, channel[NumberBits+OutChannelBits-1:OutChannelBits]};
        end
      end
    end
  endgenerate

  // ---- whose turn it is
  reg [TurnBits-1:0] turn_q;
  reg [Inputs-1:0] one_hot_q;
  reg valid_q;
  wire advance = !valid_q || out_ready_i;
  wire take = in_valid_i[turn_q] && advance;
  wire in_last = in_last_i[turn_q];
  wire site_end = in_last && turn_q == LastInput[TurnBits-1:0];
  wire [CountBits-1:0] count = counts[turn_q*CountBits +: CountBits];
  wire [T*TokenBits-1:0] tokens = inputs[turn_q*T*TokenBits +: T*TokenBits];
  assign in_ready_o = one_hot_q & {Inputs{advance}};

  // ---- tokens gathered: up to T, and behind them those of the beat taken
  reg flush_q;  // those gathered end their site
  reg [CountBits-1:0] held_q;
  reg [T*TokenBits-1:0] tokens_q;
  wire [CountBits-1:0] held = flush_q ? {CountBits{1'b0}} : held_q;
  wire [CountBits:0] total = {1'b0, held} + {1'b0, count};
  wire [CountBits:0] over = total - Full[CountBits:0];
  wire full = total > Full[CountBits:0];
  wire [2*T*TokenBits-1:0] places;
  generate
    for (i = 0; i < CountBits; i = i + 1) begin : gen_move
      localparam By = (1 << i) * TokenBits;
      wire [2*T*TokenBits-1:0] still;
      wire [2*T*TokenBits-1:0] moved = held[i] ? still << By : still;
      if (i == 0) begin : gen_first
        assign still = {{T*TokenBits{1'b0}}, tokens};
      end else begin : gen_next
        assign still = gen_move[i-1].moved;
      end
    end
    for (t = 0; t < 2 * T; t = t + 1) begin : gen_place
      localparam [31:0] Place = t;
      wire [TokenBits-1:0] new_token = gen_move[CountBits-1].moved[t*TokenBits +: TokenBits];
      if (t < T) begin : gen_low
        assign places[t*TokenBits +: TokenBits] =
          (held > Place[CountBits-1:0]) ? tokens_q[t*TokenBits +: TokenBits] : new_token;
      end else begin : gen_high
        assign places[t*TokenBits +: TokenBits] = new_token;
      end
    end
  endgenerate

  // ---- output register
  reg last_q;
  reg [CountBits-1:0] count_q;
  reg [T*TokenBits-1:0] data_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      turn_q <= {TurnBits{1'b0}};
      one_hot_q <= {{(Inputs-1){1'b0}}, 1'b1};
      valid_q <= 1'b0;
      flush_q <= 1'b0;
      held_q <= {CountBits{1'b0}};
    end else begin
      if (take && in_last) begin
        turn_q <= site_end ? {TurnBits{1'b0}} : turn_q + TurnOne[TurnBits-1:0];
        one_hot_q <= {one_hot_q[Inputs-2:0], one_hot_q[Inputs-1]};
      end
      if (advance) begin
        valid_q <= flush_q || (take && (full || site_end));
        flush_q <= take && full && site_end;
      end
      if (take) begin
        held_q <= full ? over[CountBits-1:0] : site_end ? {CountBits{1'b0}} : total[CountBits-1:0];
      end else if (advance && flush_q) begin
        held_q <= {CountBits{1'b0}};
      end
    end
    if (take) begin
      tokens_q <= full ? places[T*TokenBits +: T*TokenBits] : places[0 +: T*TokenBits];
    end
    if (advance) begin
      last_q <= flush_q || !full;
      count_q <= flush_q ? held_q : full ? Full[CountBits-1:0] : total[CountBits-1:0];
      data_q <= flush_q ? tokens_q : places[0 +: T*TokenBits];
    end
  end
  wire unused_over = &{1'b0, over[CountBits]};

  assign out_valid_o = valid_q;
  assign out_last_o = last_q;
  assign out_count_o = (Dense != 0) ? Full[CountBits-1:0] : count_q;
  assign out_data_o = data_q;

`ifdef FORMAL_join_concat
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);
  wire give = out_valid_o && out_ready_i;

  // The environment: beats that are not a site's last are full, its last one is empty only where
  // the site is; and holds an offered beat.
  generate
    for (i = 0; i < Inputs; i = i + 1) begin : gen_formal_input
      reg inside_q;
      wire [CountBits-1:0] port_count = counts[i*CountBits +: CountBits];
      always @(posedge clk_i) begin
        if (!rst_ni) inside_q <= 1'b0;
        else if (in_valid_i[i] && in_ready_o[i]) inside_q <= !in_last_i[i];
      end
      always @(*) begin
        assume (port_count <= T);
        if (in_valid_i[i] && !in_last_i[i]) assume (port_count == T);
        if (in_valid_i[i] && inside_q) assume (port_count != {CountBits{1'b0}});
      end
      always @(posedge clk_i) begin
        if (past_q && rst_ni && $past(rst_ni) && $past(in_valid_i[i] && !in_ready_o[i])) begin
          assume (in_valid_i[i]);
          assume ($stable(in_last_i[i]));
          assume ($stable(in_count_i[i*CountBits +: CountBits]));
          assume ($stable(inputs[i*T*TokenBits +: T*TokenBits]));
        end
      end
    end
  endgenerate

  // A token followed from its entry: it has number mark_number_q in its site, and that place in
  // what leaves. Sites keep their number of tokens.
  (* anyseq *) reg choose;
  (* anyseq *) reg [CountBits-1:0] which;
  reg [7:0] in_number_q;    // tokens of the site that have come
  reg [7:0] out_number_q;   // and gone
  reg [1:0] ends_q;         // site ends inside
  reg [15:0] ended_q;       // token numbers of complete sites inside, oldest least significant
  reg marked_q;
  reg [1:0] ahead_q;        // site ends to leave before the site of the token
  reg [7:0] mark_number_q;
  reg [TokenBits-1:0] mark_q;
  reg gave_q;
  wire enter = take && choose && which < count && !marked_q;
  wire give_end = give && out_last_o;
  wire [7:0] in_number = in_number_q + count;
  wire [7:0] place = mark_number_q - out_number_q;
  wire [1:0] ends_less = ends_q - {1'b0, give_end};
  wire [15:0] ended_less = give_end ? {8'd0, ended_q[15:8]} : ended_q;
  wire leaves = marked_q && give && ahead_q == 2'd0 && mark_number_q >= out_number_q
                && place < count_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      in_number_q <= 8'd0;
      out_number_q <= 8'd0;
      ends_q <= 2'd0;
      marked_q <= 1'b0;
      gave_q <= 1'b0;
    end else begin
      assume (in_number_q < 8'd100);
      if (take) in_number_q <= site_end ? 8'd0 : in_number;
      if (give) out_number_q <= out_last_o ? 8'd0 : out_number_q + count_q;
      ends_q <= ends_less + {1'b0, take && site_end};
      ended_q <= ended_less;
      if (take && site_end) ended_q[ends_less*8 +: 8] <= in_number;
      if (enter) begin
        marked_q <= 1'b1;
        mark_number_q <= in_number_q + which;
        mark_q <= tokens[which*TokenBits +: TokenBits];
        ahead_q <= ends_less;
      end else if (marked_q && give_end) begin
        ahead_q <= ahead_q - 2'd1;
      end
      if (leaves) marked_q <= 1'b0;
      gave_q <= gave_q || give_end;
    end
    if (past_q && rst_ni) begin
      if (valid_q) begin
        if (!last_q) assert (count_q == T);
        if (out_number_q != 8'd0) assert (count_q != {CountBits{1'b0}});
        if (last_q) assert (ends_q != 2'd0 && out_number_q + count_q == ended_q[7:0]);
      end
      if (leaves) assert (data_q[place*TokenBits +: TokenBits] == mark_q);
      // its site does not end without it
      if (marked_q && give_end && ahead_q == 2'd0) assert (leaves);
      assert (!(flush_q && take && (full || site_end)));
      if ($past(rst_ni) && $past(out_valid_o && !out_ready_i)) begin
        assert (out_valid_o);
        assert ($stable({out_last_o, out_count_o, out_data_o}));
      end
      cover (gave_q && flush_q && take);
      cover (gave_q && leaves && out_last_o);
    end
  end
`endif

endmodule

`default_nettype wire
