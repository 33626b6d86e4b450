// drain_pool: empties finished windows, pools them and hands whole vectors to the tail.
//
// A window is drained in Beats = SumDepth * Groups beats of DrainWidth sums: addresses
// 0 .. SumDepth-1, within an address groups 0 .. Groups-1. The windows of a group are pooled by a
// running maximum (vector_pool), two vectors deep; where nothing is pooled and widths agree the
// sums go straight to the tail and a window is drained when the tail can take it.
//
// Parameters
//   DrainWidth, ReadWidth  sums a cycle in (out); ReadWidth divides DrainWidth
//   SumBits, SumDepth, SumAddressBits, Groups, GroupBits  as in the lanes
//   Windows                windows pooled into a vector
//   DrainLatency           cycles from drain_o to its sums in sum_i, >= 1
//   Through                1: maxima of a group leave with its last window (running_maximum), which then begins when
//                          the tail can take it, like a window where nothing is pooled; DrainWidth = ReadWidth
//   BlockPool              with Through: maxima in block memory
//   DrainCycles            cycles a beat, 1 or more; more only where vectors go straight to the tail or Through: a beat is
//                          then in the last of them
//   CoreLatency            cycles from the load of a window to its first product in a sum, less 1:
//                          so much before its last drain beat a window's bank is given back
// Timing: a window whose window_end_i is in cycle t begins in t+1 (when the window before is in
// its last beat or drained, and there is room) and has its drain beats in the Beats * DrainCycles cycles after
// that; drained_o is in cycle max(0, Beats * DrainCycles - 2 - CoreLatency) of them, counted from 0, since a window that
// is loaded from then on adds its first product when the last sum has been drained. Straight:
// start_o is in the cycle a window begins.
// In reset the drain address and bank walk over all sums: 2 * SumDepth + 1 cycles of it clear what
// an interrupted window left in the lanes.
`default_nettype none

module drain_pool #(
  parameter DrainWidth = 4,
  parameter ReadWidth = 1,
  parameter SumBits = 20,
  parameter SumDepth = 16,
  parameter SumAddressBits = 4,
  parameter Groups = 1,
  parameter GroupBits = 1,
  parameter Windows = 4,
  parameter DrainLatency = 1,
  parameter DrainCycles = 1,
  parameter CoreLatency = 5,
  parameter Through = 0,
  parameter BlockPool = 0
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire window_end_i,
  output wire drain_o,
  output wire drain_bank_o,
  output wire [SumAddressBits-1:0] drain_address_o,
  output wire [GroupBits-1:0] drain_group_o,
  output wire drained_o,
  input  wire [DrainWidth*SumBits-1:0] sum_i,
  output wire sum_valid_o,
  input  wire tail_ready_i,
  output wire start_o,
  output wire valid_o,
  output wire last_o,
  output wire [ReadWidth*SumBits-1:0] vector_o
);

  generate
    if (ReadWidth < 1 || DrainWidth < 1
        || DrainWidth % ReadWidth != 0) begin : gen_illegal_read_width
      drain_pool_read_width_must_divide_drain_width u_illegal ();
    end
    if (SumDepth < 1 || SumAddressBits < 1
        || SumDepth > (1 << SumAddressBits)) begin : gen_illegal_sum_address_bits
      drain_pool_sum_address_bits_too_few u_illegal ();
    end
    if (Groups < 1 || GroupBits < 1 || Groups > (1 << GroupBits)) begin : gen_illegal_group_bits
      drain_pool_group_bits_too_few u_illegal ();
    end
    if (Windows < 1) begin : gen_illegal_windows
      drain_pool_windows_must_be_positive u_illegal ();
    end
    if (Through != 0 && DrainWidth != ReadWidth) begin : gen_illegal_through
      drain_pool_through_reads_as_it_drains u_illegal ();
    end
    if (DrainCycles < 1 || (DrainCycles > 1 && (DrainWidth != ReadWidth
        || (Windows != 1 && Through == 0)))) begin : gen_illegal_cycles
      drain_pool_slow_beats_go_straight_to_the_tail u_illegal ();
    end
    if (DrainLatency < 1 || CoreLatency < 0) begin : gen_illegal_latency
      drain_pool_latencies_out_of_range u_illegal ();
    end
  endgenerate

  localparam [31:0] LastWindow = Windows - 1;
  localparam WindowBits = (Windows > 1) ? $clog2(Windows) : 1;

  // ---- drain: one beat a cycle, or every so many cycles, while busy
  reg [1:0] waiting_q;
  reg busy_q;
  reg bank_q;
  reg [SumAddressBits-1:0] address_q;
  reg [GroupBits-1:0] group_q;
  reg [WindowBits-1:0] window_q;

  // the cycle of a beat, and whether the beat is in it
  localparam CycleBits = (DrainCycles > 1) ? $clog2(DrainCycles) : 1;
  wire [CycleBits-1:0] cycle;
  wire beat_now;
  generate
    if (DrainCycles > 1) begin : gen_cycles
      localparam [31:0] LastCycle = DrainCycles - 1;
      reg [CycleBits-1:0] cycle_q;
      assign cycle = cycle_q;
      assign beat_now = (cycle_q == LastCycle[CycleBits-1:0]);
      always @(posedge clk_i) begin
        if (!rst_ni || !busy_q || beat_now) cycle_q <= {CycleBits{1'b0}};
        else cycle_q <= cycle_q + 1'b1;
      end
    end else begin : gen_single_cycle
      assign cycle = {CycleBits{1'b0}};
      assign beat_now = 1'b1;
    end
  endgenerate
  wire beat = busy_q & beat_now;

  wire group_last = (Groups == 1) | (group_q == Groups[GroupBits-1:0] - 1'b1);
  wire address_last = (SumDepth == 1) | (address_q == SumDepth[SumAddressBits-1:0] - 1'b1);
  wire beat_last = beat & group_last & address_last;
  wire window_last = (Windows == 1) | (window_q == Windows[WindowBits-1:0] - 1'b1);
  // window_q belongs to the window being drained; the next one opens a vector if this closes one
  wire [WindowBits-1:0] window_next =
    window_last ? {WindowBits{1'b0}} : window_q + 1'b1;
  reg idle_first_q;
  wire opens = busy_q ? window_last : idle_first_q;
  wire room;
  // a vector that leaves with its last window needs the tail then, and no room before
  wire closes = (busy_q ? window_next : window_q) == LastWindow[WindowBits-1:0];
  wire asks = (Through != 0) ? closes : opens;
  wire begin_window = (!busy_q | beat_last) & (waiting_q != 2'd0) & (!asks | room);

  assign drain_o = beat;
  assign drain_bank_o = bank_q;
  assign drain_address_o = address_q;
  assign drain_group_o = group_q;
  // the bank is given back early, see CoreLatency
  localparam Beats = SumDepth * Groups;
  localparam AllCycles = Beats * DrainCycles;
  localparam CreditAt = (AllCycles > 2 + CoreLatency) ? AllCycles - 2 - CoreLatency : 0;
  localparam CreditBeat = CreditAt / DrainCycles;
  localparam CreditCycle = CreditAt % DrainCycles;
  localparam CreditAddress = CreditBeat / Groups;
  localparam CreditGroup = CreditBeat % Groups;
  assign drained_o = busy_q & (address_q == CreditAddress[SumAddressBits-1:0])
                     & (group_q == CreditGroup[GroupBits-1:0])
                     & (cycle == CreditCycle[CycleBits-1:0]);

  wire [SumAddressBits-1:0] address_next =
    address_last ? {SumAddressBits{1'b0}} : address_q + 1'b1;
  reg reset_q;

  always @(posedge clk_i) begin
    reset_q <= !rst_ni;
    if (!rst_ni) begin
      waiting_q <= 2'd0;
      busy_q <= 1'b0;
      idle_first_q <= 1'b1;
      window_q <= {WindowBits{1'b0}};
      group_q <= {GroupBits{1'b0}};
      bank_q <= !bank_q;
      if (bank_q) address_q <= address_next;
    end else begin
      waiting_q <= waiting_q + {1'b0, window_end_i} - {1'b0, begin_window};
      if (beat) begin
        group_q <= group_last ? {GroupBits{1'b0}} : group_q + 1'b1;
        if (group_last) address_q <= address_next;
      end
      if (beat_last) begin
        busy_q <= 1'b0;
        idle_first_q <= window_last;
        window_q <= window_next;
      end
      if (begin_window) begin
        busy_q <= 1'b1;
        bank_q <= !bank_q;
      end
      if (reset_q) begin  // nothing begins in the first cycle after reset
        bank_q <= 1'b1;
        address_q <= {SumAddressBits{1'b0}};
      end
    end
  end

  // ---- the sums of a beat come back DrainLatency cycles later
  reg [DrainLatency-1:0] valid_q;
  reg [DrainLatency-1:0] first_q;
  reg [DrainLatency-1:0] last_q;
  reg [DrainLatency-1:0] end_q;
  generate
    if (DrainLatency > 1) begin : gen_delay
      always @(posedge clk_i) begin
        valid_q <= rst_ni ? {valid_q[DrainLatency-2:0], beat} : {DrainLatency{1'b0}};
        first_q <= {first_q[DrainLatency-2:0], window_q == {WindowBits{1'b0}}};
        last_q <= {last_q[DrainLatency-2:0], window_last};
        end_q <= {end_q[DrainLatency-2:0], beat_last};
      end
    end else begin : gen_single
      always @(posedge clk_i) begin
        valid_q <= rst_ni & beat;
        first_q <= window_q == {WindowBits{1'b0}};
        last_q <= window_last;
        end_q <= beat_last;
      end
    end
  endgenerate
  wire pool_valid = valid_q[DrainLatency-1];
  wire pool_first = first_q[DrainLatency-1];
  wire pool_last = last_q[DrainLatency-1];
  wire pool_end = end_q[DrainLatency-1];
  assign sum_valid_o = pool_valid;

  // ---- straight to the tail where nothing is pooled, else through two vectors
  generate
    if ((Windows == 1) && (DrainWidth == ReadWidth)) begin : gen_direct
      assign room = tail_ready_i;
      assign start_o = begin_window;
      assign valid_o = pool_valid;
      assign last_o = pool_end;
      assign vector_o = sum_i;
      wire unused = &{1'b0, pool_first, pool_last};
    end else if (Through != 0) begin : gen_through
      assign room = tail_ready_i;
      assign start_o = begin_window & closes;
      running_maximum #(
        .Sums(DrainWidth), .SumBits(SumBits), .Beats(Beats), .BlockMemory(BlockPool)
      ) u_maximum (
        .clk_i(clk_i), .rst_ni(rst_ni),
        .valid_i(pool_valid), .first_window_i(pool_first), .last_window_i(pool_last),
        .window_end_i(pool_end), .sum_i(sum_i),
        .valid_o(valid_o), .last_o(last_o), .vector_o(vector_o)
      );
    end else begin : gen_pooled
      reg [1:0] vectors_q;
      wire read_end;
      assign room = (vectors_q < 2'd2);
      always @(posedge clk_i) begin
        if (!rst_ni) vectors_q <= 2'd0;
        else vectors_q <= vectors_q + {1'b0, begin_window & opens} - {1'b0, read_end};
      end
      vector_pool #(
        .DrainWidth(DrainWidth), .ReadWidth(ReadWidth), .SumBits(SumBits),
        .Beats(Beats), .Windows(Windows)
      ) u_pool (
        .clk_i(clk_i), .rst_ni(rst_ni),
        .valid_i(pool_valid), .first_window_i(pool_first), .last_window_i(pool_last),
        .window_end_i(pool_end), .sum_i(sum_i), .read_end_o(read_end),
        .tail_ready_i(tail_ready_i), .start_o(start_o),
        .valid_o(valid_o), .last_o(last_o), .vector_o(vector_o)
      );
    end
  endgenerate

endmodule

`default_nettype wire
