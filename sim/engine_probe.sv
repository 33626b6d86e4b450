// engine_probe: tells the harness of every drain beat and every finished window of an engine.
//
// Counted since reset, per engine, and handed over with every window that ends:
//   busy     cycles in which a lane takes a step or has tokens in its queues
//   starved  cycles in which a window is loaded and no lane does: the input is not there
//   blocked  cycles without a window because two of them wait to be drained
//   steps    lane steps; issues: weight words read by lanes, with queues by each of them
// span_cycles is of this window alone: from its first step to its end, both included.
//
// The harness also hears when the lanes begin and cease to step: it has to know when all is still.
//
// Windows > 1: so many windows end together, and their sums come together.
//
// Simulation only (`NZFLOW_PROBE`): no outputs. The instance gets a number from the harness once,
// under the name of the instance around it, and passes it with every call. A DPI scope or %m
// would do as well, but makes the code of every engine different, where now they share it.
`default_nettype none

module engine_probe #(
  parameter int unsigned Lanes = 1,
  parameter int unsigned ReadPorts = 1,
  parameter int unsigned Windows = 1,
  parameter int unsigned DrainWidth = 1,
  parameter int unsigned SumBits = 20
) (
  input wire clk_i,
  input wire rst_ni,
  input wire active_i,
  input wire blocked_i,
  input wire window_end_i,
  input wire [Lanes-1:0] can_step_i,
  input wire [Lanes-1:0] work_i,
  input wire [ReadPorts-1:0] read_i,
  input wire [Lanes-1:0] complete_i,
  input wire sum_valid_i,
  input wire [Windows*DrainWidth*SumBits-1:0] sum_i
);
  import "DPI-C" function void nzflow_window_end(
    input int probe, input int unsigned busy_cycles, input int unsigned starved_cycles,
    input int unsigned blocked_cycles, input int unsigned steps, input int unsigned issues,
    input int unsigned span_cycles
  );
  import "DPI-C" function void nzflow_stepping(input int probe, input int unsigned stepping);
  import "DPI-C" function void nzflow_sums(
    input int probe, input bit [DrainWidth*SumBits-1:0] sums
  );

  int probe;
  initial probe = $c("nzflow_register_engine(vlSelf->name(), ", DrainWidth, ", ", SumBits, ")");

  int unsigned busy_q, starved_q, blocked_q, steps_q, issues_q, span_q;
  wire stepping = active_i & (|can_step_i | (|work_i));
  wire starving = active_i & !stepping & !(&complete_i);
  bit stepping_q;
  wire draining = !active_i & blocked_i;
  wire counting = stepping | (active_i & (span_q != 0));
  wire int unsigned busy = busy_q + 32'(stepping);
  wire int unsigned starved = starved_q + 32'(starving);
  wire int unsigned blocked = blocked_q + 32'(draining);
  wire int unsigned span = span_q + 32'(counting);

  // not $countones: its width upsets an optimisation of Verilator 5.006
  int unsigned steps, issues;
  always_comb begin
    steps = steps_q;
    issues = issues_q;
    for (int lane = 0; lane < Lanes; lane++) begin
      steps += 32'(can_step_i[lane]);
    end
    for (int port = 0; port < ReadPorts; port++) issues += 32'(read_i[port]);
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      busy_q <= 0;
      starved_q <= 0;
      blocked_q <= 0;
      steps_q <= 0;
      issues_q <= 0;
      span_q <= 0;
      stepping_q <= 0;
    end else begin
      busy_q <= busy;
      starved_q <= starved;
      blocked_q <= blocked;
      steps_q <= steps;
      issues_q <= issues;
      span_q <= window_end_i ? 0 : span;
      stepping_q <= stepping;
      if (stepping != stepping_q) nzflow_stepping(probe, 32'(stepping));
      for (int window = 0; window < Windows; window++) begin
        if (sum_valid_i) nzflow_sums(probe, sum_i[window*DrainWidth*SumBits +: DrainWidth*SumBits]);
        if (window_end_i) nzflow_window_end(probe, busy, starved, blocked, steps, issues, span);
      end
    end
  end
endmodule

`default_nettype wire
