// kwta_insert: the K largest values of a vector as tokens, by insertion, one value a cycle.
//
//   winners = the K largest used values; a tie goes to the lower channel number, whatever the
//   order of arrival; the winners that are not 0 leave as tokens {channel, value}, largest first.
// Fewer than K used values all win. Each of K cells holds one winner, sorted by
// {value, not channel}; a new value goes before the first smaller one and pushes the rest down.
//
// Vector input: start_i for one cycle while ready_o is high announces a vector; its values
// follow in any later cycles (after the values of the vectors announced before), the last one
// with last_i. Output: a token stream; T tokens a beat, all beats full but the last;
// token 0 (least significant) first; a vector without tokens is one beat with count_o = 0.
// data_o beyond count_o tokens has no meaning.
//
// Parameters
//   K            winners, 1 to 32
//   OutBits      of a value; Signed 1: two's complement (negative values can win)
//   ChannelBits  of a channel number; the numbers of a vector differ
//   T            tokens a beat, 1 or more
// Timing, exact. Latency 2, initiation interval 1 value:
//   first beat  the last value of a vector in cycle t, the last beat of the vector before taken
//               in cycle p: valid in cycle max(t + 2, p + 1);
//   other beats each in the cycle after the one before is taken; n tokens: max(1, ceil(n / T));
//   ready_o     is high while fewer than two vectors are announced and not yet given out: low
//               from the cycle after such a second start_i to the cycle p (included) in which
//               the last beat of the older one is taken.
//   So vectors follow without a gap: a value of the next may come in the cycle t + 1.
// It keeps no value that did not win, and does not stall its input.
`default_nettype none

module kwta_insert #(
  parameter K = 8,
  parameter OutBits = 8,
  parameter Signed = 0,
  parameter ChannelBits = 6,
  parameter T = 1
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire start_i,
  output wire ready_o,
  input  wire valid_i,
  input  wire last_i,
  input  wire used_i,
  input  wire [ChannelBits-1:0] channel_i,
  input  wire [OutBits-1:0] value_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [$clog2(T+1)-1:0] count_o,
  output wire [T*(ChannelBits+OutBits)-1:0] data_o
);

  localparam TokenBits = ChannelBits + OutBits;
  // A key orders by value, then by channel backwards. The key 0 is an empty cell: unsigned
  // zeros are never inserted, a signed key starts with a one.
  localparam KeyBits = TokenBits + ((Signed != 0) ? 1 : 0);
  localparam Beats = (K + T - 1) / T;
  localparam Places = Beats * T;  // output registers: K, filled up to whole beats
  localparam CountBits = $clog2(T + 1);

  generate
    if (K < 1 || K > 32) begin : gen_illegal_k
      kwta_insert_k_must_be_1_to_32 u_illegal ();
    end
    if (T < 1) begin : gen_illegal_t
      kwta_insert_t_must_be_positive u_illegal ();
    end
    if (OutBits < 1 || ChannelBits < 1) begin : gen_illegal_bits
      kwta_insert_bits_must_be_positive u_illegal ();
    end
  endgenerate

  // Vectors announced and not yet given out. The second one may fill the cells while the first
  // is still there, because then the output registers are free for the first.
  reg one_q;
  reg two_q;
  wire given;  // the last beat of a vector is taken
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      one_q <= 1'b0;
      two_q <= 1'b0;
    end else if (start_i != given) begin
      one_q <= start_i || two_q;
      two_q <= start_i && one_q;
    end
  end
  assign ready_o = !two_q;

  // Cells, largest first.
  reg done_q;  // the cells hold a complete vector
  wire free;   // the output registers are free in the next cycle
  wire copy = done_q && free;
  always @(posedge clk_i) begin
    if (!rst_ni) done_q <= 1'b0;
    else if (valid_i && last_i) done_q <= 1'b1;
    else if (copy) done_q <= 1'b0;
  end

  wire insert = valid_i && used_i && value_i != {OutBits{1'b0}};
  wire [KeyBits-1:0] key;
  wire [K*KeyBits-1:0] cells;
  wire [K-1:0] ahead;   // the new value goes before cell i (or further up)

  genvar i;
  generate
    if (Signed != 0) begin : gen_signed_key
      wire [OutBits-1:0] ordered = value_i ^ {1'b1, {(OutBits - 1) {1'b0}}};
      assign key = {1'b1, ordered, ~channel_i};
    end else begin : gen_unsigned_key
      assign key = {value_i, ~channel_i};
    end

    for (i = 0; i < K; i = i + 1) begin : gen_cell
      reg [KeyBits-1:0] key_q;
      assign cells[i*KeyBits +: KeyBits] = key_q;
      assign ahead[i] = key > key_q;
      if (i == 0) begin : gen_first
        always @(posedge clk_i) begin
          if (insert && (copy || ahead[0])) key_q <= key;
          else if (copy || !rst_ni) key_q <= {KeyBits{1'b0}};
        end
      end else begin : gen_other
        always @(posedge clk_i) begin
          if (copy || !rst_ni) key_q <= {KeyBits{1'b0}};
          else if (insert && ahead[i]) begin
            key_q <= ahead[i-1] ? cells[(i-1)*KeyBits +: KeyBits] : key;
          end
        end
      end
    end
  endgenerate

  // Which places of the sorted winners become tokens: always the first ones. A signed zero is
  // no token but takes the place of a negative value: zero_q[i] is set by the (K - i)-th zero.
  wire [Places-1:0] live;
  generate
    if (Signed != 0) begin : gen_signed_live
      reg [K-1:0] zero_q;
      wire zero = valid_i && used_i && value_i == {OutBits{1'b0}};
      wire [K:0] zeros = {1'b1, (copy || !rst_ni) ? {K{1'b0}} : zero_q};
      always @(posedge clk_i) zero_q <= zero ? zeros[K:1] : zeros[K-1:0];
      for (i = 0; i < K; i = i + 1) begin : gen_place
        assign live[i] = cells[i*KeyBits+KeyBits-1] &&
                         (cells[i*KeyBits+KeyBits-2] || !zero_q[i]);
      end
    end else begin : gen_unsigned_live
      for (i = 0; i < K; i = i + 1) begin : gen_place
        assign live[i] = cells[i*KeyBits+ChannelBits +: OutBits] != {OutBits{1'b0}};
      end
    end
    for (i = K; i < Places; i = i + 1) begin : gen_no_place
      assign live[i] = 1'b0;
    end
  endgenerate

  // Output registers, shifted by T tokens a beat.
  reg valid_q;
  reg [Places:0] live_q;  // live_q[Places] = 0
  reg [K*TokenBits-1:0] tokens_q;
  wire [K*TokenBits-1:0] tokens;
  wire shift = valid_q && ready_i;
  assign given = shift && last_o;
  assign free = !valid_q || given;

  generate
    for (i = 0; i < K; i = i + 1) begin : gen_token
      wire [OutBits-1:0] value = cells[i*KeyBits+ChannelBits +: OutBits];
      assign tokens[i*TokenBits+OutBits +: ChannelBits] = ~cells[i*KeyBits +: ChannelBits];
      if (Signed != 0) begin : gen_signed
        assign tokens[i*TokenBits +: OutBits] = value ^ {1'b1, {(OutBits - 1) {1'b0}}};
      end else begin : gen_unsigned
        assign tokens[i*TokenBits +: OutBits] = value;
      end
    end

    if (Beats > 1) begin : gen_shift
      wire [(K-T)*TokenBits-1:0] rest = tokens_q[K*TokenBits-1:T*TokenBits];
      always @(posedge clk_i) begin
        if (copy) tokens_q <= tokens;
        else if (shift) tokens_q[(K-T)*TokenBits-1:0] <= rest;
      end
      assign data_o = tokens_q[T*TokenBits-1:0];
      assign last_o = !live_q[T];
    end else begin : gen_one_beat
      always @(posedge clk_i) begin
        if (copy) tokens_q <= tokens;
      end
      if (T > K) begin : gen_pad
        assign data_o = {{((T - K) * TokenBits) {1'b0}}, tokens_q};
      end else begin : gen_full
        assign data_o = tokens_q;
      end
      assign last_o = 1'b1;
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= 1'b0;
    else if (copy) valid_q <= 1'b1;
    else if (given) valid_q <= 1'b0;
    if (copy) live_q <= {1'b0, live};
    else if (shift) live_q <= live_q >> T;
  end

  // The first T live flags are a thermometer.
  reg [CountBits-1:0] count;
  integer c;
  always @(*) begin
    count = {CountBits{1'b0}};
    for (c = 0; c < T; c = c + 1) begin
      if (live_q[c]) count = c[CountBits-1:0] + {{(CountBits-1){1'b0}}, 1'b1};
    end
  end
  assign valid_o = valid_q;
  assign count_o = count;

`ifdef FORMAL_kwta_insert
  // The environment: vectors are announced when ready_o is high, beats come for announced
  // vectors only.
  reg past_q = 1'b0;
  reg gave_q;  // a vector went out
  reg [7:0] owed_q;
  reg [7:0] came_q;
  always @(posedge clk_i) begin
    past_q <= 1'b1;
    gave_q <= rst_ni && (gave_q || (valid_o && ready_i && last_o));
    if (!rst_ni) begin
      owed_q <= 8'd0;
      came_q <= 8'd0;
    end else begin
      owed_q <= owed_q + {7'd0, start_i} - {7'd0, valid_i && last_i};
      if (valid_i) came_q <= last_i ? 8'd0 : came_q + 8'd1;
    end
  end
  always @(*) begin
    if (!past_q) assume (!rst_ni);
    if (start_i) assume (ready_o && rst_ni);
    if (valid_i) assume (owed_q != 8'd0 && rst_ni);
  end

  always @(posedge clk_i) begin
    if (past_q && rst_ni && $past(rst_ni)) begin
      if ($past(valid_o && !ready_i)) begin
        assert (valid_o);
        assert ($stable({last_o, count_o, data_o}));
      end
      if ($past(ready_o && !start_i)) assert (ready_o);
      if (valid_o && !last_o) assert (count_o == T);
      // A complete vector leaves the cells before a value of the next one enters them.
      if (valid_i && done_q) assert (copy);
      cover (gave_q && valid_o && ready_i && last_o);
    end
  end

  // what leaves is the winners
  winners_check #(
    .N(1 << ChannelBits), .K(K), .T(T), .OutBits(OutBits), .Signed(Signed), .ChannelBits(ChannelBits), .ByValue(1)
  ) u_check (
    .clk_i(clk_i), .rst_ni(rst_ni), .come_i(valid_i), .come_last_i(last_i), .used_i(used_i), .channel_i(channel_i),
    .value_i(value_i), .give_i(valid_o && ready_i), .give_last_i(last_o), .count_i(count_o), .data_i(data_o)
  );
`endif

endmodule

`default_nettype wire
