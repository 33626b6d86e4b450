// axi_step_probe: the running numbers of an engine_probe, which tells them with whole windows only.
`default_nettype none

module axi_step_probe (
  input wire clk_i,
  input int probe_i,
  input int unsigned steps_i,
  input int unsigned issues_i
);
  import "DPI-C" function void axi_steps(
    input int probe, input int unsigned steps, input int unsigned issues
  );
  always @(posedge clk_i) axi_steps(probe_i, steps_i, issues_i);
endmodule

bind engine_probe axi_step_probe u_axi_steps (
  .clk_i(clk_i), .probe_i(probe), .steps_i(steps_q), .issues_i(issues_q)
);

`default_nettype wire
