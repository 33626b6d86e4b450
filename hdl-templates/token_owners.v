// token_owners: which lane takes each token of a beat, where lanes share the channels.
//
//   owner(channel) = (channel mod Lanes) ^ turn[channel / Lanes],   Lanes = 2^LaneBits
//   owners_o[lane][t] = token t is there and its channel is the lane's
// Channels are dealt in rows of Lanes, a channel a lane; `turn` says how each row is dealt, so
// that the lanes have about as much to do. Within a lane, the number of a channel is its row.
//
// Parameters
//   Lanes        2 or more, a power of two; LaneBits = log2(Lanes)
//   Tokens, TokenBits, ValueBits, ChannelBits, Dense   as in sparse_lane
//   Channels     of a site; dense values from there on belong to nobody
//   CountBits    bits of count_i
//   WordBits     bits of word_i: the number of the beat in its site (Dense)
//   RowBits      of a row number: 2^RowBits turns, TurnFile: their values
// Combinational.
`default_nettype none

module token_owners #(
  parameter Lanes = 2,
  parameter LaneBits = 1,
  parameter Tokens = 4,
  parameter TokenBits = 14,
  parameter ValueBits = 8,
  parameter ChannelBits = 6,
  parameter Dense = 0,
  parameter Channels = 64,
  parameter CountBits = 3,
  parameter WordBits = 4,
  parameter RowBits = 5,
  parameter TurnFile = "turns.mem"
) (
  input  wire [WordBits-1:0] word_i,
  input  wire [CountBits-1:0] count_i,
  input  wire [Tokens*TokenBits-1:0] data_i,
  output wire [Lanes*Tokens-1:0] owners_o
);

  generate
    if (Lanes < 2 || Lanes != (1 << LaneBits)) begin : gen_illegal_lanes
      token_owners_lanes_must_be_a_power_of_two_from_2_on u_illegal ();
    end
    if (RowBits < 1 || Channels > (Lanes << RowBits)) begin : gen_illegal_rows
      token_owners_rows_must_hold_all_channels u_illegal ();
    end
  endgenerate

  localparam Bits = LaneBits + RowBits;

  (* rom_style = "distributed", ram_style = "logic", romstyle = "logic", ramstyle = "logic" *)
  reg [LaneBits-1:0] turns [0:(1<<RowBits)-1];
  initial $readmemh(TurnFile, turns);

  genvar token, lane;
  generate
    for (token = 0; token < Tokens; token = token + 1) begin : gen_token
      wire [Bits-1:0] channel;
      wire present;
      if (Dense != 0) begin : gen_dense
        localparam [31:0] Token = token;
        localparam [31:0] All = Channels;
        wire [31:0] place = {{(32-WordBits){1'b0}}, word_i} * Tokens + Token;
        assign channel = place[Bits-1:0];
        assign present = (place < All);
        wire unused = &{1'b0, count_i, data_i[token*TokenBits +: TokenBits], place[31:Bits]};
      end else begin : gen_sparse
        localparam [CountBits-1:0] Token = token;
        wire [ChannelBits-1:0] own = data_i[token*TokenBits+ValueBits +: ChannelBits];
        if (Bits > ChannelBits) begin : gen_extend
          assign channel = {{(Bits-ChannelBits){1'b0}}, own};
        end else begin : gen_channel
          assign channel = own[Bits-1:0];
        end
        assign present = (Token < count_i);
        wire unused = &{1'b0, word_i, data_i[token*TokenBits +: ValueBits]};
      end
      wire [LaneBits-1:0] owner = channel[LaneBits-1:0] ^ turns[channel[Bits-1:LaneBits]];
      for (lane = 0; lane < Lanes; lane = lane + 1) begin : gen_lane
        assign owners_o[lane*Tokens+token] = present & (owner == lane[LaneBits-1:0]);
      end
    end
  endgenerate

endmodule

`default_nettype wire
