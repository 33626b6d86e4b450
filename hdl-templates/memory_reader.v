// memory_reader: so many beats of memory as a stream, through AXI4 bursts.
//
// start_i (while busy_o is low) reads beats_i beats from address_i on, a multiple of Bytes. The
// stream has them in order, last_o with every LastEvery-th. Bursts are INCR, as long as they can
// be: up to the next multiple of Burst beats, so that none crosses 4 KiB. A burst is asked for
// when the buffer has room for all of it: memory never waits (rready_o is high while beats are to come).
// error_o tells a beat whose response was not OKAY; it is given as it came.
// Parameters: Bytes of a beat, a power of two; Burst, a power of two, 2 to 256 and at most 4096
//   bytes; Depth of the buffer in beats, 3 and Burst or more; LastEvery, 1 or more; CountBits of
//   beats_i, 10 or more.
// Initiation interval 1 where memory gives that, with Depth / Burst bursts on their way.
`default_nettype none

module memory_reader #(
  parameter Bytes = 64,
  parameter Burst = 64,
  parameter Depth = 512,
  parameter LastEvery = 1,
  parameter CountBits = 40
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire start_i,
  input  wire [63:0] address_i,
  input  wire [CountBits-1:0] beats_i,
  output wire busy_o,
  output wire error_o,
  output wire arvalid_o,
  input  wire arready_i,
  output wire [63:0] araddr_o,
  output wire [7:0] arlen_o,
  input  wire rvalid_i,
  output wire rready_o,
  input  wire [1:0] rresp_i,
  input  wire [8*Bytes-1:0] rdata_i,
  output wire valid_o,
  input  wire ready_i,
  output wire last_o,
  output wire [8*Bytes-1:0] data_o
);

  generate
    if (Burst < 2 || Burst > 256 || (Burst & (Burst - 1)) != 0) begin : gen_illegal_burst
      memory_reader_burst_must_be_a_power_of_two_up_to_256 u_illegal ();
    end
    if (Burst * Bytes > 4096 || (Bytes & (Bytes - 1)) != 0) begin : gen_illegal_bytes
      memory_reader_burst_has_4096_bytes_at_most u_illegal ();
    end
    if (Depth < 3 || Depth < Burst) begin : gen_illegal_depth
      memory_reader_buffer_must_hold_a_burst u_illegal ();
    end
    if (LastEvery < 1 || CountBits < 10) begin : gen_illegal_counts
      memory_reader_last_every_or_count_bits_too_small u_illegal ();
    end
  endgenerate

  localparam RoomBits = (Depth < 512) ? 10 : $clog2(Depth + 1);  // also a burst's length
  localparam BurstBits = $clog2(Burst);
  localparam LastBits = (LastEvery > 1) ? $clog2(LastEvery) : 1;
  localparam [31:0] DepthWord = Depth;
  localparam [31:0] BurstWord = Burst;
  localparam [31:0] LastWord = LastEvery - 1;
  localparam [LastBits-1:0] Last = LastWord[LastBits-1:0];
  localparam [LastBits:0] OneWord = {{LastBits{1'b0}}, 1'b1};

  // ---- bursts: how long the next one is, a cycle; whether there is room for it, the next
  reg ask_q;
  reg [63:0] ask_address_q;
  reg [7:0] ask_length_q;
  wire taken, give;
  wire [8:0] length;
  wire planned, issue;
  wire [63:0] address;
  wire more;
  reg [RoomBits-1:0] room_q;
  wire [RoomBits-1:0] wanted = {{(RoomBits-9){1'b0}}, length};
  assign issue = planned && !ask_q && room_q >= wanted;
  burst_planner #(.Bytes(Bytes), .Burst(Burst), .CountBits(CountBits)) u_bursts (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(start_i), .address_i(address_i), .beats_i(beats_i),
    .take_i(issue), .valid_o(planned), .address_o(address), .length_o(length), .more_o(more)
  );
  wire [8:0] length_less_one = length - 9'd1;
  always @(posedge clk_i) begin
    if (!rst_ni) ask_q <= 1'b0;
    else if (issue) ask_q <= 1'b1;
    else if (arready_i) ask_q <= 1'b0;
    if (issue) begin
      ask_address_q <= address;
      ask_length_q <= length_less_one[7:0];
    end
    if (!rst_ni) room_q <= DepthWord[RoomBits-1:0];
    else room_q <= room_q - (issue ? wanted : {RoomBits{1'b0}}) + {{(RoomBits-1){1'b0}}, give};
  end
  assign arvalid_o = ask_q;
  assign araddr_o = ask_address_q;
  assign arlen_o = ask_length_q;
  // all room is there again when everything asked for was given
  assign busy_o = more || ask_q || room_q != DepthWord[RoomBits-1:0];

  // ---- beats
  block_fifo #(.Width(8 * Bytes), .Depth(Depth)) u_beats (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(rvalid_i), .ready_o(taken), .data_i(rdata_i),
    .valid_o(valid_o), .ready_i(ready_i), .data_o(data_o)
  );
  assign rready_o = taken;
  assign give = valid_o && ready_i;
  assign error_o = rvalid_i && rready_o && rresp_i != 2'b00;
  reg [LastBits-1:0] place_q;
  assign last_o = place_q == Last;
  always @(posedge clk_i) begin
    if (!rst_ni || start_i) place_q <= {LastBits{1'b0}};
    else if (give) place_q <= last_o ? {LastBits{1'b0}} : place_q + OneWord[LastBits-1:0];
  end
  wire unused = &{1'b0, BurstWord[31:BurstBits], length_less_one[8]};

`ifdef FORMAL_memory_reader
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;

  // The environment: a run begins when the one before is over; memory gives what it was asked for.
  reg [15:0] owed_q;  // beats that memory has been asked for and has not given
  reg ran_q;
  wire asked = arvalid_o && arready_i;
  wire [15:0] ask_beats = {8'd0, arlen_o} + 16'd1;
  always @(*) begin
    if (!past_q) assume (!rst_ni);
    if (start_i) assume (!busy_o && address_i % Bytes == 0);
    if (rvalid_i) assume (owed_q != 16'd0);
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      owed_q <= 16'd0;
      ran_q <= 1'b0;
    end else begin
      owed_q <= owed_q + (asked ? ask_beats : 16'd0) - {15'd0, rvalid_i && rready_o};
      if (start_i) ran_q <= 1'b1;
    end
  end

`ifdef FORMAL_BOUNDED
  // any beat of the run comes out in its turn, as memory gave it
  (* anyconst *) reg [7:0] number;
  reg [7:0] came_q;
  reg [7:0] went_q;
  reg [8*Bytes-1:0] mark_q;
  always @(posedge clk_i) begin
    if (!rst_ni || start_i) begin
      came_q <= 8'd0;
      went_q <= 8'd0;
    end else begin
      if (rvalid_i) came_q <= came_q + 8'd1;
      if (give) went_q <= went_q + 8'd1;
    end
    if (rvalid_i && came_q == number) mark_q <= rdata_i;
    if (past_q && rst_ni) begin
      if (rvalid_i) assert (rready_o);
      if (valid_o) assert (went_q != came_q);
      if (valid_o && went_q == number) assert (data_o == mark_q);
      if (valid_o) assert (last_o == (went_q % LastEvery == LastEvery - 1));
      cover (went_q == Burst && valid_o && room_q == 0);
    end
  end
`else
  // registers of the units inside
  (* hierconn *) wire [$clog2(Depth+1)-1:0] \u_beats.held_q ;
  (* hierconn *) wire \u_beats.full_q ;
  (* hierconn *) wire \u_beats.stored_q ;
  (* hierconn *) wire [CountBits-1:0] \u_bursts.left_q ;
  wire [15:0] held = \u_beats.held_q ;
  wire [15:0] left = \u_bursts.left_q ;

  // The run, kept apart: where it ends, where the next burst has to begin, beats given.
  reg [63:0] end_q;
  reg [63:0] next_q;
  reg [15:0] beats_q;
  reg [15:0] given_q;
  reg [LastBits-1:0] turn_q;  // given_q modulo LastEvery
  wire [15:0] asking = ask_q ? ask_beats : 16'd0;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      beats_q <= 16'd0;
      given_q <= 16'd0;
      turn_q <= {LastBits{1'b0}};
    end else if (start_i) begin
      end_q <= address_i + beats_i * Bytes;
      next_q <= address_i;
      beats_q <= beats_i;
      given_q <= 16'd0;
      turn_q <= {LastBits{1'b0}};
    end else begin
      if (asked) next_q <= next_q + ask_beats * Bytes;
      if (give) given_q <= given_q + 16'd1;
      if (give) turn_q <= (turn_q + 1 == LastEvery) ? {LastBits{1'b0}} : turn_q + 1'b1;
    end

    if (past_q && rst_ni) begin
      // no beat comes that there is no room for, and none is lost or made up
      if (ask_q || owed_q != 16'd0) assert (rready_o);
      assert (room_q + asking + owed_q + held == Depth);
      assert (owed_q <= Depth && asking <= Depth && held <= Depth);
      assert (given_q + held + owed_q + asking + left == beats_q);
      assert (given_q <= beats_q && beats_q >> CountBits == 16'd0);
      assert (busy_o == (given_q != beats_q));
      if (valid_o) assert (given_q != beats_q);
      assert (last_o == (turn_q == Last) && turn_q <= Last && turn_q == place_q);
      assert (error_o == (rvalid_i && rresp_i != 2'b00));
      // bursts are the run, one behind the other, and none crosses a page
      if (arvalid_o) begin
        assert (araddr_o == next_q && ask_beats <= Burst && ask_beats != 16'd0);
        assert (araddr_o[11:0] + ask_beats * Bytes <= 4096);
      end
      if (!busy_o && ran_q) assert (next_q == end_q);
      // what that follows from
      assert (\u_beats.full_q == (held == Depth));
      assert (held >= valid_o && \u_beats.stored_q == (held > valid_o));
      if (ran_q) begin
        assert (address + left * Bytes == end_q && address == next_q + asking * Bytes);
        assert (address % Bytes == 0);
      end else assert (left == 16'd0 && !ask_q && owed_q == 16'd0);
      if (planned) begin
        assert (length >= 9'd1 && length <= Burst && length <= left);
        assert (address % (Burst * Bytes) + length * Bytes <= Burst * Bytes);
      end
    end
    if (past_q && rst_ni && $past(rst_ni)) begin
      if ($past(valid_o && !ready_i)) begin
        assert (valid_o);
        assert ($stable(data_o));
        if (!$past(start_i)) assert ($stable(last_o));
      end
      if ($past(arvalid_o && !arready_i)) begin
        assert (arvalid_o);
        assert ($stable({araddr_o, arlen_o}));
      end
      cover (ran_q && !busy_o && beats_q == Burst + 1);
    end
  end
`endif
`endif

endmodule

`default_nettype wire
