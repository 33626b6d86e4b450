// burst_planner: a run of beats of memory as bursts that cross no multiple of Burst beats.
//
// start_i (while more_o is low) begins with beats_i beats from address_i on, a multiple of Bytes.
// While valid_o is high, the next burst is length_o beats (1 to Burst) from address_o; take_i goes
// on. Together the bursts are the run, in order and without gaps.
// Parameters: Bytes of a beat and Burst, powers of two, Burst * Bytes at most 4096 and Burst at
//   most 256; CountBits of beats_i.
// A burst is offered 2 cycles behind start_i and behind take_i.
`default_nettype none

module burst_planner #(
  parameter Bytes = 64,
  parameter Burst = 64,
  parameter CountBits = 40
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire start_i,
  input  wire [63:0] address_i,
  input  wire [CountBits-1:0] beats_i,
  input  wire take_i,
  output wire valid_o,
  output wire [63:0] address_o,
  output wire [8:0] length_o,
  output wire more_o
);

  localparam ByteBits = $clog2(Bytes);
  localparam BurstBits = $clog2(Burst);
  localparam BeatBits = 64 - ByteBits;
  localparam [31:0] BurstWord = Burst;

  reg [BeatBits-1:0] beat_q;        // of the address
  reg [CountBits-1:0] left_q;
  reg planned_q;
  reg [8:0] length_q;
  wire [8:0] offset = {{(9-BurstBits){1'b0}}, beat_q[BurstBits-1:0]};
  wire [8:0] until_edge = BurstWord[8:0] - offset;
  wire short = left_q < {{(CountBits-9){1'b0}}, until_edge};

  assign more_o = left_q != {CountBits{1'b0}};
  assign valid_o = planned_q;
  assign length_o = length_q;
  generate
    if (ByteBits > 0) begin : gen_address
      assign address_o = {beat_q, {ByteBits{1'b0}}};
      wire unused = &{1'b0, address_i[ByteBits-1:0]};
    end else begin : gen_byte_address
      assign address_o = beat_q;
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      left_q <= {CountBits{1'b0}};
      planned_q <= 1'b0;
    end else if (start_i) begin
      left_q <= beats_i;
      planned_q <= 1'b0;
    end else if (take_i) begin
      left_q <= left_q - {{(CountBits-9){1'b0}}, length_q};
      planned_q <= 1'b0;
    end else begin
      planned_q <= more_o;
    end
    if (start_i) beat_q <= address_i[63:ByteBits];
    else if (take_i) beat_q <= beat_q + {{(BeatBits-9){1'b0}}, length_q};
    if (!planned_q) length_q <= short ? left_q[8:0] : until_edge;
  end

`ifdef FORMAL_burst_planner
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;
  always @(*) if (!past_q) assume (!rst_ni);
  always @(*) if (start_i) assume (!more_o && address_i[ByteBits-1:0] == 0);
  always @(*) if (take_i) assume (valid_o);
  // the run, kept apart
  reg [63:0] end_q;
  reg run_q = 1'b0;
  always @(posedge clk_i) begin
    if (start_i && rst_ni) end_q <= address_i + beats_i * Bytes;
    run_q <= rst_ni && (run_q || start_i);
  end
  wire [63:0] edge_of = address_o + length_o * Bytes - 64'd1;
  always @(posedge clk_i) begin
    if (past_q && rst_ni) begin
      if (run_q) assert (address_o + left_q * Bytes == end_q);
      if (!run_q) assert (left_q == 0);
      if (planned_q) assert (more_o);
      if (valid_o) begin
        assert (length_o >= 1 && length_o <= Burst && length_o <= left_q);
        // one block of Burst beats, and with it one page of 4 KiB
        assert (address_o / (Burst * Bytes) == edge_of / (Burst * Bytes));
        assert (address_o[63:12] == edge_of[63:12]);
        // no shorter than it has to be
        assert (length_o == left_q || (edge_of + 64'd1) % (Burst * Bytes) == 0);
      end
      cover (valid_o && length_o == Burst);
      cover (valid_o && take_i && length_o == 1);
    end
  end
`endif

endmodule

`default_nettype wire
