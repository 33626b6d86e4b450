// requantise: accumulators to activations, R a cycle, no stall.
//
//   value = min(High, max(Low, floor(((acc + bias) * multiplier + 2^(s-1)) / 2^s))),
//   s = MinShift + shift (s = 0: no rounding term)
// bias, multiplier (16 bit unsigned), shift, channel and used come from a memory, one word per
// beat of a vector; an internal counter, set back by last_i, addresses it. Leaky = 1: where
// acc + bias < 0 another multiplier and shift are used.
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
//   OutBits      of a value, 2 to 16; OutSigned 1: two's complement
//   Low, High    range of the values, Low <= 0 <= High, both within OutBits. The whole range of
//                OutBits and Low = 0 cost no comparison
//   Leaky        1: a multiplier and a shift for each sign
//   MultiplyRows 1: products are rows of additions (multiply_rows), whatever multiplier blocks there are
//   Cycles       with MultiplyRows, 1, 2, 4, 8 or 16: a product takes so many cycles and a part of the rows;
//                beats are then more than Cycles apart (Cycles 1: one a cycle)
//   ParamFile    `.mem`, a hexadecimal word per beat: R fields, slot 0 least significant,
//                {used (1), channel, bias, multiplier (16), shift}; with Leaky
//                {used (1), channel, bias, multiplier and shift below 0, multiplier, shift}
//   Tagged       0: used_o and channel_o are 0, where nobody wants to know whose value it is
//   BlockMemory  1: parameters in block memory, 0: in logic or distributed memory
//   LoadBits, LoadImage  not 0: the parameters are loaded over load_i, see weight_memory
// Latency 2 + Cycles + Leaky + ceil(ShiftBits / 2) cycles (valid_i in cycle t, valid_o in cycle
// t + Latency), initiation interval 1 (Cycles + 1 where Cycles > 1). Gaps between beats are allowed. After reset the first beat may come
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
  parameter Low = 0,
  parameter High = 255,
  parameter Leaky = 0,
  parameter MultiplyRows = 0,
  parameter Cycles = 1,
  parameter ParamFile = "requantise.mem",
  parameter Tagged = 1,
  parameter BlockMemory = 0,
  parameter LoadBits = 0,
  parameter LoadImage = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [56+LoadBits:0] load_i,
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
  localparam Latency = 3 + ((Leaky != 0) ? 1 : 0) + Steps;  // without the further cycles of a product
  localparam ScaleBits = 16 + ShiftBits;  // multiplier and shift
  localparam ScalesBits = ((Leaky != 0) ? 2 : 1) * ScaleBits;
  localparam FieldBits = 1 + ChannelBits + BiasBits + ScalesBits;
  localparam TagBits = R * (1 + ChannelBits);
  localparam SumBits = AccBits + 1;
  localparam ProductBits = SumBits + 16;
  localparam CountBits = (Beats > 1) ? $clog2(Beats) : 1;
  localparam [CountBits:0] One = {{CountBits{1'b0}}, 1'b1};
  // Nonnegative: what is below 0 ends as 0. MagnitudeBits without the sign of the result.
  localparam Nonnegative = (Low >= 0) ? 1 : 0;
  localparam MagnitudeBits = (OutSigned != 0) ? OutBits - 1 : OutBits;
  localparam Top = (1 << MagnitudeBits) - 1;
  localparam Bottom = (OutSigned != 0) ? -Top - 1 : 0;
  localparam [31:0] HighWord = High;
  localparam [31:0] LowWord = Low;
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
    if (High < 0 || High > Top || Low > 0 || Low < Bottom) begin : gen_illegal_range
      requantise_low_or_high_out_of_range u_illegal ();
    end
    if (Cycles < 1 || Cycles > 16 || 16 % Cycles != 0
        || (Cycles > 1 && MultiplyRows == 0)) begin : gen_illegal_cycles
      requantise_cycles_must_divide_the_16_rows u_illegal ();
    end
    if (OutBits < 2 || OutBits > 16 || BiasBits < 1 || BiasBits > AccBits) begin : gen_illegal_bits
      requantise_out_bits_or_bias_bits_out_of_range u_illegal ();
    end
  endgenerate

  // Parameters of the beat to come: read ahead, so that they meet the accumulators unregistered.
  reg [CountBits-1:0] beat_q;
  reg [CountBits-1:0] behind_q;  // beat_q + 1
  wire [CountBits-1:0] beat_next;
  wire [R*FieldBits-1:0] fields;
  assign beat_next = !valid_i ? beat_q : last_i ? {CountBits{1'b0}} : behind_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      beat_q <= {CountBits{1'b0}};
      behind_q <= One[CountBits-1:0];
    end else begin
      beat_q <= beat_next;
      behind_q <= beat_next + One[CountBits-1:0];
    end
  end

  generate
    if (BlockMemory == 0 && LoadBits == 0) begin : gen_constant
      // constant words in logic are kept apart in synthesis, as those of sparse_lane
      (* keep_hierarchy = "yes" *)
      weight_memory #(
        .Width(R*FieldBits), .Depth(Beats), .AddressBits(CountBits), .BlockMemory(0),
        .File(ParamFile)
      ) u_parameters (
        .clk_i(clk_i), .load_i(57'd0), .read_address_i(beat_next), .read_data_o(fields)
      );
      wire unused_load = &{1'b0, load_i, LoadImage[0]};
    end else begin : gen_memory
      weight_memory #(
        .Width(R*FieldBits), .Depth(Beats), .AddressBits(CountBits), .BlockMemory(BlockMemory),
        .File(ParamFile), .LoadBits(LoadBits), .LoadImage(LoadImage)
      ) u_parameters (
        .clk_i(clk_i), .load_i(load_i), .read_address_i(beat_next), .read_data_o(fields)
      );
    end
  endgenerate

  // What only travels along, the further cycles of a product later.
  reg [Latency-1:0] valid_q;
  reg [Latency-1:0] last_q;
  wire [TagBits-1:0] tag;
  wire [TagBits-1:0] tag_o;
  wire valid;
  wire last;
  wire [TagBits-1:0] tag_in;
  wire begins;       // the sum of a beat is there in the next cycle
  wire multiplying;  // a product is made
  always @(posedge clk_i) begin
    if (!rst_ni) valid_q <= {Latency{1'b0}};
    else valid_q <= {valid_q[Latency-2:0], valid};
    last_q <= {last_q[Latency-2:0], last};
  end
  generate
    if (Cycles > 1) begin : gen_cycles
      reg [Cycles-2:0] wait_q;
      reg beat_last_q;
      reg [TagBits-1:0] beat_tag_q;
      integer w;
      always @(posedge clk_i) begin
        wait_q[0] <= rst_ni & valid_i;
        for (w = 1; w < Cycles - 1; w = w + 1) wait_q[w] <= rst_ni & wait_q[w-1];
        if (valid_i) begin
          beat_last_q <= last_i;
          beat_tag_q <= tag;
        end
      end
      assign valid = wait_q[Cycles-2];
      assign last = beat_last_q;
      assign tag_in = beat_tag_q;
      if (Leaky != 0) begin : gen_later
        // the sum is there a cycle later
        assign begins = wait_q[0];
        assign multiplying = |(wait_q >> 1) | valid_q[0] | valid_q[1];
      end else begin : gen_now
        assign begins = valid_i;
        assign multiplying = |wait_q | valid_q[0];
      end
    end else begin : gen_one_cycle
      assign valid = valid_i;
      assign last = last_i;
      assign tag_in = tag;
      assign begins = 1'b0;
      assign multiplying = 1'b0;
      wire unused = &{1'b0, begins, multiplying};
    end
    if (Tagged != 0) begin : gen_tagged
      wire [TagBits-1:0] tag_before;
      reg [TagBits-1:0] tag_q;
      delay_line #(.Width(TagBits), .Cycles(Latency - 1)) u_tags (
        .clk_i(clk_i), .word_i(tag_in), .word_o(tag_before)
      );
      // a register with a reset does not become the end of a shift register, which is slow
      always @(posedge clk_i) tag_q <= rst_ni ? tag_before : {TagBits{1'b0}};
      assign tag_o = tag_q;
    end else begin : gen_untagged
      wire unused = &{1'b0, tag_in};
      assign tag_o = {TagBits{1'b0}};
    end
  endgenerate
  assign valid_o = valid_q[Latency-1];
  assign last_o = last_q[Latency-1];

  genvar r;
  genvar s;
  generate
    for (r = 0; r < R; r = r + 1) begin : gen_slot
      wire [FieldBits-1:0] field = fields[r*FieldBits +: FieldBits];
      assign tag[r*(1+ChannelBits) +: 1+ChannelBits] = field[FieldBits-1 -: 1+ChannelBits];
      assign {used_o[r], channel_o[r*ChannelBits +: ChannelBits]} =
        tag_o[r*(1+ChannelBits) +: 1+ChannelBits];

      // Bias and product. The sum holds still between beats.
      wire [SumBits-1:0] acc = {acc_i[r*AccBits+AccBits-1], acc_i[r*AccBits +: AccBits]};
      wire [SumBits-1:0] bias = {{(SumBits - BiasBits) {field[ScalesBits+BiasBits-1]}},
                                 field[ScalesBits +: BiasBits]};
      reg signed [SumBits-1:0] sum_q;
      wire [ScaleBits-1:0] scale;  // of the sum of the next cycle
      reg [ScaleBits-1:0] scale_q;
      reg signed [ProductBits-1:0] product_q;
      wire signed [16:0] multiplier = {1'b0, scale_q[ShiftBits +: 16]};
      wire [2*Steps-1:0] shift_sum;
      if (2 * Steps > ShiftBits) begin : gen_odd
        assign shift_sum = {1'b0, scale_q[ShiftBits-1:0]};
      end else begin : gen_even
        assign shift_sum = scale_q[ShiftBits-1:0];
      end
      if (Cycles > 1) begin : gen_part
        // the upper part is the sum of the rows so far; the lower one has the bits of the product that are
        // done, and those of the multiplier that are not
        localparam Rows = 16 / Cycles;
        wire [SumBits+Rows-1:0] part;
        multiply_rows #(.ABits(SumBits), .BBits(Rows)) u_product (
          .a_i(sum_q), .b_i(product_q[Rows-1:0]), .start_i(product_q[16 +: SumBits]),
          .product_o(part)
        );
        always @(posedge clk_i) begin
          if (begins) product_q <= {{SumBits{1'b0}}, scale[ShiftBits +: 16]};
          else if (multiplying) product_q <= {part, product_q[15:Rows]};
        end
        wire unused_multiplier = &{1'b0, multiplier};
      end else if (MultiplyRows != 0) begin : gen_rows
        wire [ProductBits-1:0] product;
        multiply_rows #(.ABits(SumBits), .BBits(16)) u_product (
          .a_i(sum_q), .b_i(multiplier[15:0]), .start_i({SumBits{1'b0}}), .product_o(product)
        );
        always @(posedge clk_i) product_q <= product;
        wire unused_sign = multiplier[16];
      end else begin : gen_block
        always @(posedge clk_i) product_q <= sum_q * multiplier;
      end
      if (Leaky != 0) begin : gen_leaky
        // the sign of the sum picks one of the two scales
        reg [SumBits-1:0] sum_1_q;
        reg [ScalesBits-1:0] scales_q;
        assign scale = sum_1_q[SumBits-1] ? scales_q[ScaleBits +: ScaleBits]
                                          : scales_q[ScaleBits-1:0];
        always @(posedge clk_i) begin
          if (valid_i) begin
            sum_1_q <= acc + bias;
            scales_q <= field[ScalesBits-1:0];
          end
          sum_q <= sum_1_q;
          scale_q <= scale;
        end
      end else begin : gen_linear
        assign scale = field[ScaleBits-1:0];
        always @(posedge clk_i) begin
          if (valid_i) begin
            sum_q <= acc + bias;
            scale_q <= scale;
          end
        end
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
          always @(posedge clk_i) shift_q <= shift_sum;
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

      // Round half up and clamp. `result` has the half unit below the whole ones, so the limits
      // are compared while the rounding is added: rounded > High where result >= 2 High + 1.
      wire negative = gen_step[Steps-1].low_q;
      wire [MagnitudeBits:0] result = gen_step[Steps-1].bits_q;
      wire [MagnitudeBits-1:0] whole = result[MagnitudeBits:1];
      wire up = result[0] && (High != Top || negative || whole != {MagnitudeBits{1'b1}});
      wire [MagnitudeBits:0] rounded = {negative, whole} + {{MagnitudeBits{1'b0}}, up};
      wire above;
      wire below;
      if (High < Top) begin : gen_above
        localparam [31:0] From = 2 * High + 1;
        assign above = !negative && result >= From[MagnitudeBits:0];
      end else begin : gen_not_above
        assign above = 1'b0;
      end
      if (Low < 0 && Low > Bottom) begin : gen_below
        localparam [31:0] Until = 2 * Low - 1;
        assign below = negative && result < Until[MagnitudeBits:0];
      end else begin : gen_not_below
        assign below = 1'b0;
      end
      reg [OutBits-1:0] value_q;
      assign value_o[r*OutBits +: OutBits] = value_q;
      always @(posedge clk_i) begin
        value_q <= rounded[OutBits-1:0];
        if (gen_step[Steps-1].over_q || above || below) begin
          value_q <= negative ? LowWord[OutBits-1:0] : HighWord[OutBits-1:0];
        end
      end
      if (OutSigned == 0) begin : gen_unsigned
        wire unused = rounded[MagnitudeBits];
      end
    end
  endgenerate

`ifdef FORMAL_requantise
  // The environment: vectors of at most Beats beats; none in the first cycle out of reset; beats more than Cycles apart
  // where a product takes some.
  reg past_q = 1'b0;
  reg [7:0] beat_f_q;
  reg [7:0] apart_q;
  always @(posedge clk_i) begin
    past_q <= 1'b1;
    if (!rst_ni) begin
      beat_f_q <= 8'd0;
      apart_q <= 8'd0;
    end else if (valid_i) begin
      beat_f_q <= last_i ? 8'd0 : beat_f_q + 8'd1;
      apart_q <= (Cycles > 1) ? Cycles : 8'd0;
    end else if (apart_q != 8'd0) apart_q <= apart_q - 8'd1;
    if (past_q && valid_i) assume ($past(rst_ni));
  end
  always @(*) begin
    if (!past_q) assume (!rst_ni);
    if (valid_i) assume (rst_ni && apart_q == 8'd0);
    if (valid_i && beat_f_q == Beats - 1) assume (last_i);
  end

  // The formula in one step, from the words of the file, as many cycles later as the header says.
  localparam Behind = 2 + Cycles + ((Leaky != 0) ? 1 : 0) + (ShiftBits + 1) / 2;
  localparam WordBits = 2 + R * (1 + ChannelBits + OutBits);
  localparam LimitBits = ProductBits + MinShift + (1 << ShiftBits);
  reg [R*FieldBits-1:0] params_f [0:Beats-1];
  initial $readmemh(ParamFile, params_f);
  wire [R*FieldBits-1:0] word_f = params_f[beat_f_q];
  wire [R*OutBits-1:0] values_f;
  wire [R*(1+ChannelBits)-1:0] tags_f;
  generate
    for (r = 0; r < R; r = r + 1) begin : gen_formal
      wire [FieldBits-1:0] field = word_f[r*FieldBits +: FieldBits];
      wire signed [AccBits-1:0] acc = acc_i[r*AccBits +: AccBits];
      wire signed [BiasBits-1:0] bias = field[ScalesBits +: BiasBits];
      wire signed [SumBits-1:0] sum = acc + bias;
      wire [ScaleBits-1:0] scale = (Leaky != 0 && sum < 0) ? field[ScalesBits-1 -: ScaleBits] : field[ScaleBits-1:0];
      wire signed [16:0] multiplier = {1'b0, scale[ShiftBits +: 16]};
      wire [6:0] shift = MinShift + scale[ShiftBits-1:0];
      wire signed [ProductBits-1:0] product = sum * multiplier;
      wire signed [LimitBits-1:0] exact = product;
      wire signed [LimitBits-1:0] one = 1;
      wire signed [LimitBits-1:0] rounded = (shift == 7'd0) ? exact : (exact + (one << (shift - 7'd1))) >>> shift;
      wire signed [LimitBits-1:0] limited = (rounded > High) ? High : (rounded < Low) ? Low : rounded;
      assign values_f[r*OutBits +: OutBits] = limited[OutBits-1:0];
      assign tags_f[r*(1+ChannelBits) +: 1+ChannelBits] = (Tagged != 0) ? field[FieldBits-1 -: 1+ChannelBits] : 0;
    end
  endgenerate
  reg [Behind*WordBits-1:0] line_q;
  wire [WordBits-1:0] due = line_q[(Behind-1)*WordBits +: WordBits];
  wire [R*OutBits-1:0] due_values = due[R*OutBits-1:0];
  integer f;
  always @(posedge clk_i) begin
    line_q <= {line_q, valid_i, last_i, tags_f, values_f};
    if (!rst_ni) begin
      for (f = 0; f < Behind; f = f + 1) line_q[f*WordBits+WordBits-1] <= 1'b0;
    end
    if (past_q && rst_ni) begin
      assert (valid_o == due[WordBits-1]);
      assert (beat_q == beat_f_q && beat_f_q < Beats);
      if ($past(rst_ni)) assert (behind_q == beat_q + One[CountBits-1:0]);
      if (valid_o) begin
        assert (last_o == due[WordBits-2]);
        assert (value_o == due_values);
        for (f = 0; f < R; f = f + 1) begin
          assert ({used_o[f], channel_o[f*ChannelBits +: ChannelBits]}
                  == due[R*OutBits+f*(1+ChannelBits) +: 1+ChannelBits]);
        end
      end
      cover (valid_o && !last_o && value_o[OutBits-1:0] != HighWord[OutBits-1:0] && value_o[OutBits-1:0] != 0);
      cover (valid_o && last_o && value_o[OutBits-1:0] == LowWord[OutBits-1:0]);
      cover (valid_o && value_o[OutBits-1:0] == HighWord[OutBits-1:0]);
    end
  end
`endif

endmodule

`default_nettype wire
