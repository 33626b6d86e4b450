// wired_outlet: vectors of sums to several tails in turn, and their sites in order again.
//
// Vector n goes to tail n mod Tails: a vector_pool, two vectors deep, and an engine_tail, which takes
// as long for a vector as it does. room_o: the tail whose turn it is has a place for one more;
// opens_i takes it, ahead of the beats of the vector, which then come when they come.
// Tail 5 (kwta_select) takes the beats as they come and many vectors at once: there is one, and nothing
// in front of it.
//
// Parameters
//   Tails               1 .., see site_merge; 1 with tail 5
//   DrainWidth, Beats   sums a beat, beats of a vector; ReadWidth divides DrainWidth, is equal to it
//                       with tail 5
//   the others as in engine_tail; sites leave as site_merge gives them
// Timing: of a tail as in vector_pool and engine_tail; nothing is added.
`default_nettype none

module wired_outlet #(
  parameter Tails = 1,
  parameter DrainWidth = 4,
  parameter ReadWidth = 1,
  parameter SumBits = 20,
  parameter Beats = 16,
  parameter OutChannels = 64,
  parameter OutChannelBits = 6,
  parameter BiasBits = 20,
  parameter ShiftBits = 3,
  parameter MinShift = 0,
  parameter OutBits = 8,
  parameter OutSigned = 0,
  parameter integer Low = 0,
  parameter integer High = 255,
  parameter Leaky = 0,
  parameter ParamFile = "params.mem",
  parameter Tail = 3,
  parameter Winners = 1,
  parameter KeepTies = 0,
  parameter WinnerGroups = 1,
  parameter PermChars = 8,
  parameter TailTokens = 1,
  parameter BlockTail = 0,
  parameter PermFile = "perm.mem",
  parameter Vectors = 2,
  parameter DenseWidth = 0,
  parameter OutTokens = 1,
  parameter OutTokenBits = 14,
  parameter OutCountBits = 1
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire opens_i,
  output wire room_o,
  input  wire beat_valid_i,
  input  wire beat_last_i,
  input  wire [DrainWidth*SumBits-1:0] beat_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [OutCountBits-1:0] out_count_o,
  output wire [OutTokens*OutTokenBits-1:0] out_data_o
);

  generate
    if (Tail == 5 && (Tails != 1 || ReadWidth != DrainWidth)) begin : gen_illegal_select
      wired_outlet_selection_takes_whole_beats_and_is_alone u_illegal ();
    end
  endgenerate

  // ---- whose turn it is to be given a place, and to be filled
  wire [Tails-1:0] opening, filling, room;
  generate
    if (Tails > 1) begin : gen_turns
      reg [Tails-1:0] opening_q, filling_q;
      always @(posedge clk_i) begin
        if (!rst_ni) begin
          opening_q <= {{(Tails-1){1'b0}}, 1'b1};
          filling_q <= {{(Tails-1){1'b0}}, 1'b1};
        end else begin
          if (opens_i) opening_q <= {opening_q[Tails-2:0], opening_q[Tails-1]};
          if (beat_valid_i & beat_last_i) filling_q <= {filling_q[Tails-2:0], filling_q[Tails-1]};
        end
      end
      assign opening = opening_q;
      assign filling = filling_q;
    end else begin : gen_turn
      assign opening = 1'b1;
      assign filling = 1'b1;
    end
  endgenerate
  assign room_o = |(opening & room);

  wire [Tails-1:0] valid, ready, last;
  wire [Tails*OutCountBits-1:0] count;
  wire [Tails*OutTokens*OutTokenBits-1:0] data;
  genvar tail;
  generate
    for (tail = 0; tail < Tails; tail = tail + 1) begin : gen_tail
      wire tail_ready, tail_start, vector_valid, vector_last;
      wire [ReadWidth*SumBits-1:0] vector;
      if (Tail == 5) begin : gen_straight
        assign room[tail] = tail_ready;
        assign tail_start = opens_i;
        assign vector_valid = beat_valid_i;
        assign vector_last = beat_last_i;
        assign vector = beat_i[ReadWidth*SumBits-1:0];
        wire unused = &{1'b0, filling};
      end else begin : gen_kept
        reg [1:0] vectors_q;
        wire read_end;
        assign room[tail] = vectors_q < 2'd2;
        always @(posedge clk_i) begin
          if (!rst_ni) vectors_q <= 2'd0;
          else vectors_q <= vectors_q + {1'b0, opens_i & opening[tail]} - {1'b0, read_end};
        end
        vector_pool #(
          .DrainWidth(DrainWidth), .ReadWidth(ReadWidth), .SumBits(SumBits), .Beats(Beats),
          .Windows(1)
        ) u_vectors (
          .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(beat_valid_i & filling[tail]),
          .first_window_i(1'b1), .last_window_i(1'b1), .window_end_i(beat_last_i), .sum_i(beat_i),
          .read_end_o(read_end), .tail_ready_i(tail_ready), .start_o(tail_start),
          .valid_o(vector_valid), .last_o(vector_last), .vector_o(vector)
        );
      end
      engine_tail #(
        .R(ReadWidth), .SumBits(SumBits), .Beats(Beats * (DrainWidth / ReadWidth)),
        .Channels(OutChannels), .ChannelBits(OutChannelBits), .BiasBits(BiasBits),
        .ShiftBits(ShiftBits), .MinShift(MinShift), .OutBits(OutBits), .OutSigned(OutSigned),
        .Low(Low), .High(High), .Leaky(Leaky), .ParamFile(ParamFile), .Tail(Tail),
        .Winners(Winners), .KeepTies(KeepTies), .WinnerGroups(WinnerGroups),
        .PermChars(PermChars), .TailTokens(TailTokens), .BlockMemory(BlockTail),
        .PermFile(PermFile), .Vectors(Vectors), .DenseWidth(DenseWidth), .OutTokens(OutTokens),
        .OutTokenBits(OutTokenBits), .OutCountBits(OutCountBits)
      ) u_tail (
        .clk_i(clk_i), .rst_ni(rst_ni), .load_i(57'd0), .start_i(tail_start),
        .ready_o(tail_ready), .valid_i(vector_valid), .last_i(vector_last), .vector_i(vector),
        .out_valid_o(valid[tail]), .out_ready_i(ready[tail]), .out_last_o(last[tail]),
        .out_count_o(count[tail*OutCountBits +: OutCountBits]),
        .out_data_o(data[tail*OutTokens*OutTokenBits +: OutTokens*OutTokenBits])
      );
    end
  endgenerate

  site_merge #(
    .Ports(Tails), .CountBits(OutCountBits), .DataBits(OutTokens*OutTokenBits)
  ) u_merge (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(valid), .in_ready_o(ready), .in_last_i(last),
    .in_count_i(count), .in_data_i(data), .out_valid_o(out_valid_o), .out_ready_i(out_ready_i),
    .out_last_o(out_last_o), .out_count_o(out_count_o), .out_data_o(out_data_o)
  );

endmodule

`default_nettype wire
