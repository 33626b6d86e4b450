// memory_writer: a stream of so many beats to memory, through AXI4 bursts.
//
// start_i (while busy_o is low) writes beats_i beats of the stream from address_i on, a multiple
// of Bytes. Bursts are INCR, as long as they can be: up to the next multiple of Burst beats, so that
// none crosses 4 KiB. A burst begins when the buffer has all of it: the bus never waits for the
// stream. All bytes are written. busy_o falls when memory has answered all bursts.
// error_o tells a response that was not OKAY.
// Parameters: Bytes of a beat, a power of two; Burst, a power of two, 2 to 256 and at most 4096
//   bytes; Depth of the buffer in beats, 3 and Burst or more; CountBits of beats_i, 10 or more.
// Initiation interval 1 but for 3 cycles a burst.
`default_nettype none

module memory_writer #(
  parameter Bytes = 64,
  parameter Burst = 64,
  parameter Depth = 512,
  parameter CountBits = 40
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire start_i,
  input  wire [63:0] address_i,
  input  wire [CountBits-1:0] beats_i,
  output wire busy_o,
  output wire error_o,
  input  wire valid_i,
  output wire ready_o,
  input  wire [8*Bytes-1:0] data_i,
  output wire awvalid_o,
  input  wire awready_i,
  output wire [63:0] awaddr_o,
  output wire [7:0] awlen_o,
  output wire wvalid_o,
  input  wire wready_i,
  output wire wlast_o,
  output wire [8*Bytes-1:0] wdata_o,
  input  wire bvalid_i,
  output wire bready_o,
  input  wire [1:0] bresp_i
);

  generate
    if (Burst < 2 || Burst > 256 || (Burst & (Burst - 1)) != 0) begin : gen_illegal_burst
      memory_writer_burst_must_be_a_power_of_two_up_to_256 u_illegal ();
    end
    if (Burst * Bytes > 4096 || (Bytes & (Bytes - 1)) != 0) begin : gen_illegal_bytes
      memory_writer_burst_has_4096_bytes_at_most u_illegal ();
    end
    if (Depth < 3 || Depth < Burst) begin : gen_illegal_depth
      memory_writer_buffer_must_hold_a_burst u_illegal ();
    end
    if (CountBits < 10) begin : gen_illegal_counts
      memory_writer_count_bits_too_small u_illegal ();
    end
  endgenerate

  localparam HeldBits = (Depth < 512) ? 10 : $clog2(Depth + 1);  // also a burst's length
  // bursts whose answers are missing
  localparam WaitBits = 8;

  wire take = valid_i && ready_o;
  wire beat_there, beat_taken;
  block_fifo #(.Width(8 * Bytes), .Depth(Depth)) u_beats (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .ready_o(ready_o), .data_i(data_i),
    .valid_o(beat_there), .ready_i(beat_taken), .data_o(wdata_o)
  );

  reg ask_q;
  reg [63:0] ask_address_q;
  reg [7:0] ask_length_q;
  reg [8:0] write_q;                // beats of this burst that are missing
  reg [HeldBits-1:0] held_q;        // beats in the buffer that belong to no burst yet
  reg [WaitBits-1:0] waiting_q;
  wire planned, more, issue;
  wire [63:0] address;
  wire [8:0] length;
  wire [HeldBits-1:0] wanted = {{(HeldBits-9){1'b0}}, length};
  wire full = &waiting_q;
  assign issue = planned && !ask_q && write_q == 9'd0 && held_q >= wanted && !full;
  burst_planner #(.Bytes(Bytes), .Burst(Burst), .CountBits(CountBits)) u_bursts (
    .clk_i(clk_i), .rst_ni(rst_ni), .start_i(start_i), .address_i(address_i), .beats_i(beats_i),
    .take_i(issue), .valid_o(planned), .address_o(address), .length_o(length), .more_o(more)
  );
  wire [8:0] length_less_one = length - 9'd1;

  assign wvalid_o = beat_there && write_q != 9'd0;
  assign wlast_o = write_q == 9'd1;
  assign beat_taken = wready_i && write_q != 9'd0;
  wire written = wvalid_o && wready_i;
  assign bready_o = 1'b1;
  assign error_o = bvalid_i && bresp_i != 2'b00;
  assign awvalid_o = ask_q;
  assign awaddr_o = ask_address_q;
  assign awlen_o = ask_length_q;
  assign busy_o = more || ask_q || write_q != 9'd0 || waiting_q != {WaitBits{1'b0}};

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      ask_q <= 1'b0;
      write_q <= 9'd0;
      held_q <= {HeldBits{1'b0}};
      waiting_q <= {WaitBits{1'b0}};
    end else begin
      if (issue) ask_q <= 1'b1;
      else if (awready_i) ask_q <= 1'b0;
      if (issue) write_q <= length;
      else if (written) write_q <= write_q - 9'd1;
      held_q <= held_q + {{(HeldBits-1){1'b0}}, take} - (issue ? wanted : {HeldBits{1'b0}});
      waiting_q <= waiting_q + {{(WaitBits-1){1'b0}}, issue} - {{(WaitBits-1){1'b0}}, bvalid_i};
    end
    if (issue) begin
      ask_address_q <= address;
      ask_length_q <= length_less_one[7:0];
    end
  end
  wire unused = &{1'b0, length_less_one[8]};

`ifdef FORMAL_memory_writer
  reg past_q = 1'b0;
  always @(posedge clk_i) past_q <= 1'b1;

  // The environment: a run begins when the one before is over; memory answers a burst once, behind its address and
  // its last beat.
  reg [15:0] asked_q;    // bursts whose address memory has, not answered
  reg [15:0] written_q;  // bursts whose beats memory has, not answered
  wire asked = awvalid_o && awready_i;
  wire burst_ends = written && wlast_o;
  always @(*) begin
    if (!past_q) assume (!rst_ni);
    if (start_i) assume (!busy_o && address_i % Bytes == 0);
    if (bvalid_i) assume (asked_q != 16'd0 && written_q != 16'd0);
  end
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      asked_q <= 16'd0;
      written_q <= 16'd0;
    end else begin
      asked_q <= asked_q + {15'd0, asked} - {15'd0, bvalid_i};
      written_q <= written_q + {15'd0, burst_ends} - {15'd0, bvalid_i};
    end
  end

`ifdef FORMAL_BOUNDED
  // any beat of the stream is written in its turn, unchanged
  (* anyconst *) reg [7:0] number;
  reg [7:0] came_q;
  reg [7:0] went_q;
  reg [8*Bytes-1:0] mark_q;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      came_q <= 8'd0;
      went_q <= 8'd0;
    end else begin
      if (take) came_q <= came_q + 8'd1;
      if (written) went_q <= went_q + 8'd1;
    end
    if (take && came_q == number) mark_q <= data_i;
    if (past_q && rst_ni) begin
      if (wvalid_o) assert (went_q != came_q);
      if (wvalid_o && went_q == number) assert (wdata_o == mark_q);
      cover (went_q == Burst && wvalid_o && !ready_o);
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

  // The run, kept apart: where it ends, where the next burst has to begin, beats written of all and of the burst.
  reg [63:0] end_q;
  reg [63:0] next_q;
  reg [15:0] beats_q;
  reg [15:0] gone_q;
  reg [15:0] inside_q;
  reg ran_q;
  wire [15:0] ask_beats = {8'd0, awlen_o} + 16'd1;
  wire [15:0] asking = ask_q ? ask_beats : 16'd0;
  always @(posedge clk_i) begin
    if (!rst_ni) begin
      beats_q <= 16'd0;
      gone_q <= 16'd0;
      inside_q <= 16'd0;
      ran_q <= 1'b0;
    end else begin
      if (written) inside_q <= wlast_o ? 16'd0 : inside_q + 16'd1;
      if (start_i) begin
        end_q <= address_i + beats_i * Bytes;
        next_q <= address_i;
        beats_q <= beats_i;
        gone_q <= 16'd0;
        ran_q <= 1'b1;
      end else begin
        if (asked) next_q <= next_q + ask_beats * Bytes;
        if (written) gone_q <= gone_q + 16'd1;
      end
    end

    if (past_q && rst_ni) begin
      // the bus never waits for the stream; a burst has the beats that it said, its last one marked
      assert (wvalid_o == (write_q != 9'd0));
      if (wvalid_o) assert (wlast_o == (inside_q == awlen_o) && inside_q <= awlen_o);
      if (wvalid_o) assert (write_q == ask_beats - inside_q);
      else assert (inside_q == 16'd0);
      // beats are those of the run, none is lost or made up; an answer to every burst, and the end behind the last
      assert (held_q + write_q == held && held_q <= Depth && write_q <= Burst && held <= Depth);
      assert (gone_q + write_q + left == beats_q);
      assert (gone_q <= beats_q && beats_q >> CountBits == 16'd0);
      assert (asked_q <= 16'd255 && written_q <= 16'd255);
      assert (waiting_q == asked_q + {15'd0, ask_q} && waiting_q == written_q + {15'd0, write_q != 9'd0});
      if (!busy_o) assert (gone_q == beats_q && asked_q == 16'd0 && written_q == 16'd0);
      if (gone_q != beats_q) assert (busy_o);
      assert (ready_o == (held != Depth) && bready_o);
      assert (error_o == (bvalid_i && bresp_i != 2'b00));
      // bursts are the run, one behind the other, and none crosses a page
      if (awvalid_o) begin
        assert (awaddr_o == next_q && ask_beats <= Burst && ask_beats != 16'd0);
        assert (awaddr_o[11:0] + ask_beats * Bytes <= 4096);
      end
      if (!busy_o && ran_q) assert (next_q == end_q);
      // what that follows from
      assert (\u_beats.full_q == (held == Depth));
      assert (held >= beat_there && \u_beats.stored_q == (held > beat_there));
      if (ran_q) begin
        assert (address + left * Bytes == end_q && address == next_q + asking * Bytes);
        assert (address % Bytes == 0);
      end else assert (left == 16'd0 && !ask_q && write_q == 9'd0);
      if (planned) begin
        assert (length >= 9'd1 && length <= Burst && length <= left);
        assert (address % (Burst * Bytes) + length * Bytes <= Burst * Bytes);
      end
    end
    if (past_q && rst_ni && $past(rst_ni)) begin
      if ($past(awvalid_o && !awready_i)) begin
        assert (awvalid_o);
        assert ($stable({awaddr_o, awlen_o}));
      end
      if ($past(wvalid_o && !wready_i)) begin
        assert (wvalid_o);
        assert ($stable({wlast_o, wdata_o}));
      end
      cover (ran_q && !busy_o && beats_q == Burst + 1);
    end
  end
`endif
`endif

endmodule

`default_nettype wire
