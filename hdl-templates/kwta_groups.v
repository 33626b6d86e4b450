// kwta_groups: k-winner-take-all in each of Groups equal ranges of channels.
//
//   winners of group g = the K largest used values of channels g*C .. g*C + C - 1,
//   C = Channels / Groups; ties, zeros and KeepTies as in the unit used
// A unit a group (Unit 1: kwta_insert, R = 1; 2: kwta_histogram) sees the whole vector and uses
// its own channels; join_concat puts the winners of group 0, 1, ... one behind another.
//
// Parameters
//   Groups       2 to 8, divides Channels; K winners of a group
//   Unit, R, Beats, OutBits, Signed, ChannelBits, T, KeepTies (Unit 2 only)  as in the units
//   FileChars, PermFiles  Unit 2: a permutation of each group, group 0 first, of FileChars
//                characters: row i, field e = arrival position of channel g*C + i*R + e
//   LoadBits, LoadImage  not 0: permutations are loaded over load_i, that of group 0 is image
//                LoadImage (see weight_memory)
// Timing, exact: that of the units, whose beats are taken by join_concat as its header says.
// ready_o is high while all units can be given a vector.
`default_nettype none

module kwta_groups #(
  parameter Groups = 2,
  parameter Unit = 1,
  parameter Channels = 16,
  parameter K = 4,
  parameter KeepTies = 0,
  parameter R = 1,
  parameter Beats = 16,
  parameter OutBits = 8,
  parameter Signed = 0,
  parameter ChannelBits = 4,
  parameter T = 1,
  parameter FileChars = 8,
  parameter [8*Groups*FileChars-1:0] PermFiles = {Groups{"perm.mem"}},
  parameter LoadBits = 0,
  parameter LoadImage = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [56+LoadBits:0] load_i,
  input  wire start_i,
  output wire ready_o,
  input  wire valid_i,
  input  wire last_i,
  input  wire [R-1:0] used_i,
  input  wire [R*ChannelBits-1:0] channel_i,
  input  wire [R*OutBits-1:0] value_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [$clog2(T+1)-1:0] count_o,
  output wire [T*(ChannelBits+OutBits)-1:0] data_o
);

  localparam Own = Channels / Groups;  // channels of a group
  localparam OwnBits = (Own > 1) ? $clog2(Own) : 1;
  localparam CountBits = $clog2(T + 1);
  localparam UnitBits = T * (OwnBits + OutBits);
  localparam [31:0] OwnBitsWord = OwnBits;
  localparam [31:0] OutBitsWord = OutBits;

  generate
    if (Groups < 2 || Groups > 8 || Own * Groups != Channels) begin : gen_illegal_groups
      kwta_groups_groups_must_be_2_to_8_and_divide_channels u_illegal ();
    end
    if (Unit < 1 || Unit > 2 || (Unit == 1 && (R != 1 || KeepTies != 0))) begin : gen_illegal_unit
      kwta_groups_unit_must_be_1_with_one_slot_or_2 u_illegal ();
    end
    if (ChannelBits < OwnBits || (1 << ChannelBits) < Channels) begin : gen_illegal_channel_bits
      kwta_groups_channel_bits_too_small u_illegal ();
    end
  endgenerate

  // first channel of each group
  function [32*Groups-1:0] offsets_of;
    input integer own;
    integer g;
    begin
      for (g = 0; g < Groups; g = g + 1) offsets_of[g*32 +: 32] = g * own;
    end
  endfunction

  wire [Groups-1:0] unit_free, unit_valid, unit_ready, unit_last;
  wire [Groups*CountBits-1:0] unit_count;
  wire [Groups*UnitBits-1:0] unit_data;
  assign ready_o = &unit_free;

  genvar group;
  genvar r;
  generate
    for (group = 0; group < Groups; group = group + 1) begin : gen_group
      localparam [31:0] First = group * Own;
      localparam [31:0] End = First + Own;
      wire [R-1:0] used;
      wire [R*OwnBits-1:0] channels;
      for (r = 0; r < R; r = r + 1) begin : gen_slot
        wire [ChannelBits-1:0] channel = channel_i[r*ChannelBits +: ChannelBits];
        wire [ChannelBits-1:0] own = channel - First[ChannelBits-1:0];
        wire from;
        wire up_to;
        if (group > 0) begin : gen_from
          assign from = channel >= First[ChannelBits-1:0];
        end else begin : gen_first
          assign from = 1'b1;
        end
        if (group < Groups - 1) begin : gen_until
          assign up_to = channel < End[ChannelBits-1:0];
        end else begin : gen_last
          assign up_to = 1'b1;
          wire unused_end = &{1'b0, End};
        end
        assign used[r] = used_i[r] && from && up_to;
        assign channels[r*OwnBits +: OwnBits] = own[OwnBits-1:0];
        wire unused = &{1'b0, own};
      end
      if (Unit == 1) begin : gen_insert
        kwta_insert #(
          .K(K), .OutBits(OutBits), .Signed(Signed), .ChannelBits(OwnBits), .T(T)
        ) u_winners (
          .clk_i(clk_i), .rst_ni(rst_ni), .start_i(start_i), .ready_o(unit_free[group]),
          .valid_i(valid_i), .last_i(last_i), .used_i(used), .channel_i(channels),
          .value_i(value_i), .valid_o(unit_valid[group]), .ready_i(unit_ready[group]),
          .last_o(unit_last[group]), .count_o(unit_count[group*CountBits +: CountBits]),
          .data_o(unit_data[group*UnitBits +: UnitBits])
        );
      end else begin : gen_histogram
        kwta_histogram #(
          .N(Own), .K(K), .KeepTies(KeepTies), .R(R), .Beats(Beats), .OutBits(OutBits),
          .Signed(Signed), .ChannelBits(OwnBits), .T(T),
          .PermFile(PermFiles[(Groups-1-group)*8*FileChars +: 8*FileChars]), .LoadBits(LoadBits),
          .LoadImage(LoadImage + group)
        ) u_winners (
          .clk_i(clk_i), .rst_ni(rst_ni), .load_i(load_i), .start_i(start_i),
          .ready_o(unit_free[group]),
          .valid_i(valid_i), .last_i(last_i), .used_i(used), .channel_i(channels),
          .value_i(value_i), .valid_o(unit_valid[group]), .ready_i(unit_ready[group]),
          .last_o(unit_last[group]), .count_o(unit_count[group*CountBits +: CountBits]),
          .data_o(unit_data[group*UnitBits +: UnitBits])
        );
      end
    end
  endgenerate
  wire unused_files = &{1'b0, PermFiles, Beats[0], load_i, LoadImage[0]};

  join_concat #(
    .Inputs(Groups), .T(T), .ChannelBits({Groups{OwnBitsWord[7:0]}}),
    .ValueBits({Groups{OutBitsWord[7:0]}}), .Signed({Groups{1'b0}}), .Offsets(offsets_of(Own)),
    .Channels(Channels), .OutChannelBits(ChannelBits), .OutValueBits(OutBits),
    .DataBits(Groups * UnitBits)
  ) u_join (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(unit_valid), .in_ready_o(unit_ready),
    .in_last_i(unit_last), .in_count_i(unit_count), .in_data_i(unit_data),
    .out_valid_o(valid_o), .out_ready_i(ready_i), .out_last_o(last_o), .out_count_o(count_o),
    .out_data_o(data_o)
  );

`ifdef FORMAL_kwta_groups
  // The environment: vectors are announced when ready_o is high, beats come for announced vectors only.
  reg past_q = 1'b0;
  reg [7:0] owed_q;
  always @(posedge clk_i) begin
    past_q <= 1'b1;
    if (!rst_ni) owed_q <= 8'd0;
    else owed_q <= owed_q + {7'd0, start_i} - {7'd0, valid_i && last_i};
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
    end
  end

  // What leaves is the winners of each group, group 0 first; those of a group in the order of its unit.
  winners_check #(
    .N(Channels), .K(K), .KeepTies(KeepTies), .Groups(Groups), .R(R), .T(T), .OutBits(OutBits), .Signed(Signed),
    .ChannelBits(ChannelBits), .ByValue((Unit == 1 && K > 1) ? 2 : 0)
  ) u_check (
    .clk_i(clk_i), .rst_ni(rst_ni), .come_i(valid_i), .come_last_i(last_i), .used_i(used_i), .channel_i(channel_i),
    .value_i(value_i), .give_i(valid_o && ready_i), .give_last_i(last_o), .count_i(count_o), .data_i(data_o)
  );
`endif

endmodule

`default_nettype wire
