// requantise: accumulators to activations, R a cycle, no stall.
//
//   value = clamp(floor(((acc + bias) * multiplier + 2^(s-1)) / 2^s)),  s = MinShift + shift
//   (s = 0: no rounding term); a negative value becomes 0 where Relu = 1 or OutSigned = 0.
// bias, multiplier (16 bit unsigned), shift, channel and used come from a memory, one word per
// beat of a vector; an internal counter, set back by last_i, addresses it.
//
// Parameters
//   R            slots a cycle, 1 or more
//   AccBits      of one accumulator, two's complement; also holds accumulator + bias.
//                Up to 26 the product fits one DSP48E2
//   Beats        beats a vector, 1 or more
//   ChannelBits  of a channel number
//   BiasBits     two's complement, 1 to AccBits
//   ShiftBits    of the shift field, 1 to 6: with MinShift a field of 1 to 3 bits covers a
//                layer and costs a quarter of the logic of a full one
//   MinShift     added to every shift field, 0 to 63
//   OutBits      of a value, 2 or more; OutSigned 1: two's complement
//   Relu         1: negative values become 0
//   ParamFile    `.mem`, a hexadecimal word per beat: R fields
//                {used (1), channel, bias, multiplier (16), shift}, slot 0 least significant
//   BlockMemory  1: parameters in block memory, 0: in logic or distributed memory
// Latency 3 + ceil(ShiftBits / 2) cycles (valid_i in cycle t, valid_o in cycle t + Latency),
// initiation interval 1. Gaps between beats are allowed. After reset the first beat may come
// in the cycle after the first with rst_ni high.
// It neither buffers nor drops values: unused slots pass with used_o = 0.
`default_nettype none

module requantise #(
  parameter R = 1,
  parameter AccBits = 24,
  parameter Beats = 16,
  parameter ChannelBits = 6,
  parameter BiasBits = 16,
  parameter ShiftBits = 6,
  parameter MinShift = 0,
  parameter OutBits = 8,
  parameter OutSigned = 0,
  parameter Relu = 1,
  parameter ParamFile = "requantise.mem",
  parameter BlockMemory = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  input  wire last_i,
  input  wire [R*AccBits-1:0] acc_i,
  output wire valid_o,
  output wire last_o,
  output wire [R-1:0] used_o,
  output wire [R*ChannelBits-1:0] channel_o,
  output wire [R*OutBits-1:0] value_o
);

  localparam Steps = (ShiftBits + 1) / 2;  // of two shift bits, a 4:1 multiplexer each
  localparam Latency = 3 + Steps;
  localparam FieldBits = 1 + ChannelBits + BiasBits + 16 + ShiftBits;
  localparam TagBits = R * (1 + ChannelBits);
  localparam SumBits = AccBits + 1;
  localparam ProductBits = SumBits + 16;
  localparam CountBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam [CountBits:0] One = {{CountBits{1'b0}}, 1'b1};
  // Nonnegative: what is below 0 ends as 0. MagnitudeBits without the sign of the result.
  localparam Nonnegative = (Relu != 0 || OutSigned == 0) ? 1 : 0;
  localparam MagnitudeBits = (OutSigned != 0) ? OutBits - 1 : OutBits;
  // Before the steps: every bit that some shift brings into the result, the half-unit bit
  // below it included.
  localparam Reach = (1 << (2 * Steps)) - 1;
  localparam StartBits = MagnitudeBits + 1 + Reach;
  localparam WideBits = ((ProductBits + 1 > StartBits + MinShift) ? ProductBits + 1
                                                                 : StartBits + MinShift) + 1;

  generate
    if (R < 1 || Beats < 1) begin : gen_illegal_size
      requantise_r_and_beats_must_be_positive u_illegal ();
    end
    if (ShiftBits < 1 || ShiftBits > 6) begin : gen_illegal_shift_bits
      requantise_shift_bits_must_be_1_to_6 u_illegal ();
    end
    if (MinShift < 0 || MinShift > 63) begin : gen_illegal_min_shift
      requantise_min_shift_must_be_0_to_63 u_illegal ();
    end
    if (OutBits < 2 || BiasBits < 1 || BiasBits > AccBits) begin : gen_illegal_bits
      requantise_out_bits_or_bias_bits_out_of_range u_illegal ();
    end
  endgenerate

  // Parameters of the beat to come: read ahead, so that they meet the accumulators unregistered.
  reg [CountBits-1:0] beat_q;
  wire [CountBits-1:0] beat_next;
  wire [R*FieldBits-1:0] fields;
  reg [R*FieldBits-1:0] fields_q;
  assign fields = fields_q;
  assign beat_next = !valid_i ? beat_q : last_i ? {CountBits{1'b0}} : beat_q + One[CountBits-1:0];

  always @(posedge clk_i) begin
    if (!rst_ni) beat_q <= {CountBits{1'b0}};
    else beat_q <= beat_next;
  end

  generate
    if (BlockMemory != 0) begin : gen_block
      (* rom_style = "block", ram_style = "block", ramstyle = "M20K" *)
      reg [R*FieldBits-1:0] words [0:Beats-1];
      initial $readmemh(ParamFile, words);
      always @(posedge clk_i) fields_q <= words[beat_next];
    end else begin : gen_distributed
      (* rom_style = "distributed", ram_style = "logic" *)
      reg [R*FieldBits-1:0] words [0:Beats-1];
      initial $readmemh(ParamFile, words);
      always @(posedge clk_i) fields_q <= words[beat_next];
    end
  endgenerate

  // What only travels along.
  reg [Latency-1:0] valid_q;
  reg [Latency-1:0] last_q;
  reg [Latency*TagBits-1:0] tag_q;
  wire [TagBits-1:0] tag;
  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= {Latency{1'b0}};
    else valid_q <= {valid_q[Latency-2:0], valid_i};
    last_q <= {last_q[Latency-2:0], last_i};
    tag_q <= {tag_q[(Latency-1)*TagBits-1:0], tag};
  end
  assign valid_o = valid_q[Latency-1];
  assign last_o = last_q[Latency-1];

  genvar r;
  genvar s;
  generate
    for (r = 0; r < R; r = r + 1) begin : gen_slot
      wire [FieldBits-1:0] field = fields[r*FieldBits +: FieldBits];
      wire [2*Steps-1:0] shift_field;
      assign tag[r*(1+ChannelBits) +: 1+ChannelBits] = field[FieldBits-1 -: 1+ChannelBits];
      assign {used_o[r], channel_o[r*ChannelBits +: ChannelBits]} =
        tag_q[(Latency-1)*TagBits + r*(1+ChannelBits) +: 1+ChannelBits];
      if (2 * Steps > ShiftBits) begin : gen_odd
        assign shift_field = {1'b0, field[ShiftBits-1:0]};
      end else begin : gen_even
        assign shift_field = field[ShiftBits-1:0];
      end

      // Bias and product. The sum holds still between beats.
      wire [SumBits-1:0] acc = {acc_i[r*AccBits+AccBits-1], acc_i[r*AccBits +: AccBits]};
      wire [SumBits-1:0] bias = {{(SumBits - BiasBits) {field[ShiftBits+16+BiasBits-1]}},
                                 field[ShiftBits+16 +: BiasBits]};
      reg signed [SumBits-1:0] sum_q;
      reg [15:0] multiplier_q;
      reg signed [ProductBits-1:0] product_q;
      reg [2*Steps-1:0] shift_sum_q;
      wire signed [16:0] multiplier = {1'b0, multiplier_q};
      always @(posedge clk_i) begin
        if (valid_i) begin
          sum_q <= acc + bias;
          multiplier_q <= field[ShiftBits +: 16];
          shift_sum_q <= shift_field;
        end
        product_q <= sum_q * multiplier;
      end

      // Twice the product (its lowest bit is the half unit of shift 0), sign-extended.
      wire [WideBits-1:0] wide =
        {{(WideBits - ProductBits - 1) {product_q[ProductBits-1]}}, product_q, 1'b0};

      // Steps of the shift, most significant first. `bits` holds what can still reach the
      // result, `over` says that a bit above differs from the sign `low`. A negative sum that
      // ends as 0 becomes 0 in the first step, so nothing behind it toggles.
      for (s = 0; s < Steps; s = s + 1) begin : gen_step
        localparam Unit = 1 << (2 * (Steps - 1 - s));
        localparam InBits = MagnitudeBits + 4 * Unit;
        localparam KeepBits = MagnitudeBits + Unit;
        localparam RestBits = 2 * (Steps - s);
        wire low;
        wire over;
        wire [InBits-1:0] bits;
        wire [RestBits-1:0] shift;
        wire fill = low && Nonnegative == 0;
        reg low_q;
        reg over_q;
        reg [KeepBits-1:0] bits_q;
        if (s == 0) begin : gen_first
          reg [RestBits-1:0] shift_q;
          always @(posedge clk_i) shift_q <= shift_sum_q;
          assign low = wide[WideBits-1];
          assign over = (wide[WideBits-1:MinShift+InBits] !=
                         {(WideBits - MinShift - InBits) {fill}});
          assign bits = wide[MinShift +: InBits];
          assign shift = shift_q;
        end else begin : gen_next
          reg [RestBits-1:0] shift_q;
          always @(posedge clk_i) shift_q <= gen_step[s-1].shift[RestBits-1:0];
          assign low = gen_step[s-1].low_q;
          assign over = gen_step[s-1].over_q;
          assign bits = gen_step[s-1].bits_q;
          assign shift = shift_q;
        end
        wire [1:0] amount = shift[RestBits-1 -: 2];
        wire [2:0] spill = {bits[KeepBits+2*Unit +: Unit] != {Unit{fill}},
                            bits[KeepBits+Unit +: Unit] != {Unit{fill}},
                            bits[KeepBits +: Unit] != {Unit{fill}}};
        always @(posedge clk_i) begin
          low_q <= low;
          case (amount)
            2'd0: bits_q <= bits[0 +: KeepBits];
            2'd1: bits_q <= bits[Unit +: KeepBits];
            2'd2: bits_q <= bits[2*Unit +: KeepBits];
            default: bits_q <= bits[3*Unit +: KeepBits];
          endcase
          over_q <= over || (spill[0] && amount < 2'd1) || (spill[1] && amount < 2'd2) ||
            (spill[2] && amount < 2'd3);
          if (low && Nonnegative != 0) begin
            low_q <= 1'b0;
            bits_q <= {KeepBits{1'b0}};
            over_q <= 1'b0;
          end
        end
      end

      // Round half up and clamp.
      wire negative = gen_step[Steps-1].low_q;
      wire [MagnitudeBits:0] result = gen_step[Steps-1].bits_q;
      wire [MagnitudeBits-1:0] whole = result[MagnitudeBits:1];
      wire up = result[0] && (negative || whole != {MagnitudeBits{1'b1}});
      wire [MagnitudeBits:0] rounded = {negative, whole} + {{MagnitudeBits{1'b0}}, up};
      reg [OutBits-1:0] value_q;
      assign value_o[r*OutBits +: OutBits] = value_q;
      if (OutSigned != 0) begin : gen_signed
        always @(posedge clk_i) begin
          value_q <= rounded;
          if (gen_step[Steps-1].over_q) value_q <= {negative, {MagnitudeBits{!negative}}};
        end
      end else begin : gen_unsigned
        wire unused = rounded[MagnitudeBits];
        always @(posedge clk_i) begin
          value_q <= rounded[MagnitudeBits-1:0];
          if (gen_step[Steps-1].over_q) value_q <= {MagnitudeBits{1'b1}};
        end
      end
    end
  endgenerate

endmodule

`default_nettype wire
