// engine_probe: tells the harness of every drain beat and every finished window of an engine.
//
// What the lanes do in a cycle is its phase; the harness hears of every change and counts the cycles,
// so that an engine that waits holds still:
//   busy     a lane takes a step or has tokens in its queues
//   starved  a window is loaded and no lane does: the input is not there
//   blocked  there is no window because two of them wait to be drained
// Counted here since reset, and handed over with every window that ends:
//   steps    lane steps; issues: weight words read by lanes, with queues by each of them
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
  // 0: none of these, 1: busy, 2: starved, 3: blocked
  import "DPI-C" function void nzflow_phase(input int probe, input int unsigned phase);
  import "DPI-C" function void nzflow_windows_end(
    input int probe, input int windows, input int unsigned steps, input int unsigned issues
  );
  import "DPI-C" function void nzflow_sums(
    input int probe, input bit [DrainWidth*SumBits-1:0] sums
  );

  int probe;
  initial probe = $c("nzflow_register_engine(vlSelf->name(), ", DrainWidth, ", ", SumBits, ")");

  int unsigned steps_q, issues_q;
  wire stepping = active_i & (|can_step_i | (|work_i));
  wire starving = active_i & !stepping & !(&complete_i);
  wire draining = !active_i & blocked_i;
  wire [1:0] phase = stepping ? 2'd1 : starving ? 2'd2 : draining ? 2'd3 : 2'd0;
  bit [1:0] phase_q;

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
      steps_q <= 0;
      issues_q <= 0;
      phase_q <= 0;
    end else begin
      steps_q <= steps;
      issues_q <= issues;
      phase_q <= phase;
      if (phase != phase_q) nzflow_phase(probe, 32'(phase));
      for (int window = 0; window < Windows; window++) begin
        if (sum_valid_i) nzflow_sums(probe, sum_i[window*DrainWidth*SumBits +: DrainWidth*SumBits]);
      end
      if (window_end_i) nzflow_windows_end(probe, Windows, steps, issues);
    end
  end
endmodule

`default_nettype wire
