// layer_events: what a layer does in a cycle, as numbers to be added up by event_counters.
//
// events_o, Bits each, the first lowest; what sim/engine_probe.sv counts for the simulation:
//   windows  ended; busy, starved, blocked: engines in that phase (a lane takes a step or has
//   tokens queued; a window is loaded and no lane does; no window because two wait for the drain)
//   steps    of lanes; issues: weight words read by lanes, with queues by each of them
//   beats, tokens that left the layer
// Parameters: Engines, Lanes and ReadPorts of each; Windows that end together; CountBits of a beat;
// Bits, enough for the largest number.
// engines_i, of each engine {read, complete, work, step, window_end, blocked, active}: what
// engine_probe is given; 0 for a layer without engines.
// Latency 2.
`default_nettype none

module layer_events #(
  parameter Engines = 1,
  parameter Lanes = 1,
  parameter ReadPorts = 1,
  parameter Windows = 1,
  parameter CountBits = 1,
  parameter Bits = 4
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [Engines*(3+3*Lanes+ReadPorts)-1:0] engines_i,
  input  wire give_i,
  input  wire [CountBits-1:0] count_i,
  output wire [8*Bits-1:0] events_o
);

  generate
    if (Bits < CountBits) begin : gen_illegal_bits
      layer_events_numbers_must_hold_the_tokens_of_a_beat u_illegal ();
    end
  endgenerate

  reg [Engines-1:0] busy_q, starved_q, blocked_q, ends_q;
  reg [Engines*Lanes-1:0] steps_q;
  reg [Engines*ReadPorts-1:0] reads_q;
  reg give_q;
  reg [CountBits-1:0] count_q;

  localparam EngineBits = 3 + 3 * Lanes + ReadPorts;
  wire [Engines-1:0] active, blocked, ends, stepping, complete;
  wire [Engines*Lanes-1:0] steps;
  wire [Engines*ReadPorts-1:0] reads;
  genvar engine;
  generate
    for (engine = 0; engine < Engines; engine = engine + 1) begin : gen_engine
      wire [Lanes-1:0] step, work, complete_lanes;
      assign {reads[engine*ReadPorts +: ReadPorts], complete_lanes, work, step, ends[engine],
              blocked[engine], active[engine]} = engines_i[engine*EngineBits +: EngineBits];
      assign steps[engine*Lanes +: Lanes] = step;
      assign stepping[engine] = active[engine] & (|(step | work));
      assign complete[engine] = &complete_lanes;
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q <= {Engines{1'b0}};
      starved_q <= {Engines{1'b0}};
      blocked_q <= {Engines{1'b0}};
      ends_q <= {Engines{1'b0}};
      steps_q <= {Engines*Lanes{1'b0}};
      reads_q <= {Engines*ReadPorts{1'b0}};
      give_q <= 1'b0;
    end else begin
      busy_q <= stepping;
      starved_q <= active & ~stepping & ~complete;
      blocked_q <= ~active & blocked;
      ends_q <= ends;
      steps_q <= steps;
      reads_q <= reads;
      give_q <= give_i;
    end
    count_q <= count_i;
  end

  localparam [Bits:0] OneWord = {{Bits{1'b0}}, 1'b1};
  localparam [Bits-1:0] One = OneWord[Bits-1:0];
  localparam [31:0] WindowsWord = Windows;
  reg [Bits-1:0] windows_d, busy_d, starved_d, blocked_d, steps_d, issues_d;
  integer at;
  always @(*) begin
    windows_d = {Bits{1'b0}};
    busy_d = {Bits{1'b0}};
    starved_d = {Bits{1'b0}};
    blocked_d = {Bits{1'b0}};
    steps_d = {Bits{1'b0}};
    issues_d = {Bits{1'b0}};
    for (at = 0; at < Engines; at = at + 1) begin
      if (ends_q[at]) windows_d = windows_d + WindowsWord[Bits-1:0];
      if (busy_q[at]) busy_d = busy_d + One;
      if (starved_q[at]) starved_d = starved_d + One;
      if (blocked_q[at]) blocked_d = blocked_d + One;
    end
    for (at = 0; at < Engines * Lanes; at = at + 1) begin
      if (steps_q[at]) steps_d = steps_d + One;
    end
    for (at = 0; at < Engines * ReadPorts; at = at + 1) begin
      if (reads_q[at]) issues_d = issues_d + One;
    end
  end
  wire [31:0] tokens_word = {{32-CountBits{1'b0}}, count_q};
  reg [8*Bits-1:0] events_q;
  always @(posedge clk_i) begin
    events_q <= {give_q ? tokens_word[Bits-1:0] : {Bits{1'b0}}, give_q ? One : {Bits{1'b0}},
                 issues_d, steps_d, blocked_d, starved_d, busy_d, windows_d};
  end
  wire unused = &{1'b0, tokens_word};
  assign events_o = events_q;

endmodule

`default_nettype wire
