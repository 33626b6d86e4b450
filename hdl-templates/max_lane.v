// max_lane: keeps the largest value that a lane has seen of every channel.
//
//   cell[c] = max(cell[c], value), for each value of channel c that is issued
// Channels are dealt over Sets cells: channel c lies in set c % Sets at address c / Sets. Drain:
// maximum_o holds the DrainWidth cells of sets group*DrainWidth .. at drain_address_i, then they
// start again: at 0 where values are unsigned, at the most negative value where they are signed.
// Two banks: one takes values while the other is drained. In reset cells start again, too, those at
// drain_address_i of all sets: SumDepth cycles a bank.
//
// Parameters
//   Tokens         tokens a store word; TokenBits = ChannelBits + ValueBits (channel on top)
//   Dense          1: TokenBits = ValueBits; index_i (IndexBits) is the number of the step, and a
//                  step has the Values values of channels index_i * Values on; 0: Values = 1
//   Values         a power of two, at most Sets and Tokens
//   ValueBits, ValueSigned  of a value. Signed values need a dense stream: an absent token is 0
//   SubBits        bits of sub_i, the first value within the word
//   Sets           a power of two, a multiple of DrainWidth
//   SumDepth       cells of a set: ceil(channels / Sets); SumAddressBits of an address
// Latency: issue_i in cycle t (word_i in t+1) is in its cell from cycle t+4 on; maximum_o one
// cycle after drain_i. Initiation interval: one step a cycle, never stalls. The caller never
// issues into the bank it drains.
`default_nettype none

module max_lane #(
  parameter Tokens = 1,
  parameter TokenBits = 14,
  parameter ChannelBits = 6,
  parameter IndexBits = 6,
  parameter Dense = 0,
  parameter Values = 1,
  parameter ValueBits = 8,
  parameter ValueSigned = 0,
  parameter SubBits = 1,
  parameter Sets = 4,
  parameter DrainWidth = 4,
  parameter GroupBits = 1,
  parameter SumAddressBits = 4,
  parameter SumDepth = 16
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire issue_i,
  input  wire bank_i,
  input  wire [SubBits-1:0] sub_i,
  input  wire [IndexBits-1:0] index_i,
  input  wire [Tokens*TokenBits-1:0] word_i,
  input  wire drain_i,
  input  wire drain_bank_i,
  input  wire [SumAddressBits-1:0] drain_address_i,
  input  wire [GroupBits-1:0] drain_group_i,
  output wire [DrainWidth*ValueBits-1:0] maximum_o
);

  generate
    if (Sets < 1 || (Sets & (Sets - 1)) != 0) begin : gen_illegal_sets
      max_lane_sets_must_be_a_power_of_two u_illegal ();
    end
    if (DrainWidth < 1 || Sets % DrainWidth != 0) begin : gen_illegal_drain_width
      max_lane_drain_width_must_divide_sets u_illegal ();
    end
    if (Values < 1 || (Values & (Values - 1)) != 0 || Values > Sets || Values > Tokens
        || (Dense == 0 && Values != 1)) begin : gen_illegal_values
      max_lane_values_out_of_range u_illegal ();
    end
    if (TokenBits != ValueBits + ((Dense != 0) ? 0 : ChannelBits)) begin : gen_illegal_token_bits
      max_lane_token_bits_must_be_channel_and_value u_illegal ();
    end
    if (SubBits < 1 || Tokens > (1 << SubBits)) begin : gen_illegal_sub_bits
      max_lane_sub_bits_too_few u_illegal ();
    end
    if (SumDepth < 1 || SumAddressBits < 1
        || SumDepth > (1 << SumAddressBits)) begin : gen_illegal_address_bits
      max_lane_sum_address_bits_too_few u_illegal ();
    end
  endgenerate

  localparam Turns = Sets / Values;  // steps until a set is met again
  localparam TurnBits = $clog2(Turns);
  localparam NumberBits = (Dense != 0) ? IndexBits : ChannelBits;
  localparam WideBits = NumberBits + TurnBits + SumAddressBits;
  localparam Groups = Sets / DrainWidth;
  localparam [ValueBits-1:0] Lowest =
    (ValueSigned != 0) ? {1'b1, {(ValueBits-1){1'b0}}} : {ValueBits{1'b0}};

  // t+1: the word arrives; pick the values
  reg issue1_q;
  reg bank1_q;
  reg [SubBits-1:0] sub1_q;
  reg [IndexBits-1:0] index1_q;
  wire [Values*TokenBits-1:0] picked1;
  wire [NumberBits-1:0] number1;
  generate
    if (Tokens > Values) begin : gen_pick
      assign picked1 = word_i[sub1_q*TokenBits +: Values*TokenBits];
    end else begin : gen_whole
      assign picked1 = word_i;
      wire unused = &{1'b0, sub1_q};
    end
    if (Dense != 0) begin : gen_dense
      assign number1 = index1_q;
    end else begin : gen_sparse
      assign number1 = picked1[ValueBits +: ChannelBits];
      wire unused = &{1'b0, index1_q};
    end
  endgenerate

  // t+2: number and values; t+3: compared with the cells
  reg issue2_q, issue3_q;
  reg bank2_q, bank3_q;
  reg [NumberBits-1:0] number2_q;
  reg [SumAddressBits-1:0] address3_q;
  wire [WideBits-1:0] number2 = {{(WideBits-NumberBits){1'b0}}, number2_q};
  wire [WideBits-1:0] address2 = number2 >> TurnBits;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      issue1_q <= 1'b0;
      issue2_q <= 1'b0;
      issue3_q <= 1'b0;
    end else begin
      issue1_q <= issue_i;
      issue2_q <= issue1_q;
      issue3_q <= issue2_q;
    end
    bank1_q <= bank_i;
    bank2_q <= bank1_q;
    bank3_q <= bank2_q;
    sub1_q <= sub_i;
    index1_q <= index_i;
    number2_q <= number1;
    address3_q <= address2[SumAddressBits-1:0];
  end
  wire unused_address = &{1'b0, address2[WideBits-1:SumAddressBits], number2[0]};

  wire [Sets*ValueBits-1:0] cells;
  wire [Values*ValueBits-1:0] values3;
  genvar value;
  genvar set;
  generate
    for (value = 0; value < Values; value = value + 1) begin : gen_value
      reg [ValueBits-1:0] value2_q;
      reg [ValueBits-1:0] value3_q;
      always @(posedge clk_i) begin
        value2_q <= picked1[value*TokenBits +: ValueBits];
        value3_q <= value2_q;
      end
      assign values3[value*ValueBits +: ValueBits] = value3_q;
    end

    for (set = 0; set < Sets; set = set + 1) begin : gen_set
      localparam [31:0] Turn = set / Values;
      localparam Group = set / DrainWidth;
      wire meant2;
      if (Turns > 1) begin : gen_turns
        assign meant2 = number2[TurnBits-1:0] == Turn[TurnBits-1:0];
      end else begin : gen_every
        assign meant2 = 1'b1;
      end
      reg meant3_q;
      always @(posedge clk_i) meant3_q <= meant2;
      wire [ValueBits-1:0] value3 = values3[(set%Values)*ValueBits +: ValueBits];

      (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
      reg [ValueBits-1:0] cells0 [0:SumDepth-1];
      (* ram_style = "distributed", ramstyle = "MLAB, no_rw_check" *)
      reg [ValueBits-1:0] cells1 [0:SumDepth-1];
      integer i;
      initial begin
        for (i = 0; i < SumDepth; i = i + 1) begin
          cells0[i] = Lowest;
          cells1[i] = Lowest;
        end
      end
      // drain_pool walks both banks while in reset, so that nothing of an interrupted window is left
      wire drain = !rst_ni | (drain_i & (drain_group_i == Group[GroupBits-1:0]));
      wire drain0 = drain & !drain_bank_i;
      wire drain1 = drain & drain_bank_i;
      wire [SumAddressBits-1:0] address0 = drain0 ? drain_address_i : address3_q;
      wire [SumAddressBits-1:0] address1 = drain1 ? drain_address_i : address3_q;
      wire [ValueBits-1:0] old0 = cells0[address0];
      wire [ValueBits-1:0] old1 = cells1[address1];
      wire [ValueBits-1:0] old = bank3_q ? old1 : old0;
      wire larger = (value3 ^ Lowest) > (old ^ Lowest);
      wire write = issue3_q & meant3_q & larger;
      always @(posedge clk_i) begin
        if (drain0 | (write & !bank3_q)) cells0[address0] <= drain0 ? Lowest : value3;
        if (drain1 | (write & bank3_q)) cells1[address1] <= drain1 ? Lowest : value3;
      end
      assign cells[set*ValueBits +: ValueBits] = drain_bank_i ? old1 : old0;
    end
  endgenerate

  // cells start again by themselves: none is ever marked empty
  drain_select #(
    .Groups(Groups), .GroupBits(GroupBits), .Sums(DrainWidth), .SumBits(ValueBits)
  ) u_select (
    .clk_i(clk_i), .group_i(drain_group_i), .empty_i({Sets{1'b0}}), .sums_i(cells),
    .sum_o(maximum_o)
  );

endmodule

`default_nettype wire
