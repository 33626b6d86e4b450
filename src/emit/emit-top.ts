import { loader, loadPorts, loadRules } from './emit-loader.ts';
import type { DesignFile, Plan } from '../ir/plan.ts';
import { resetCycles } from '../plan/interfaces/reset-cycles.ts';
import { topEvents } from './layer-events.ts';
import { provenance } from './provenance.ts';
import { moduleFile } from './verilog.ts';
import { connectCopyWeights, weightPorts, weightRules, weightSource } from './weight-bus.ts';

/** All copies behind one input and one output stream, inferences in order. */
export function emitTop(plan: Plan): DesignFile {
  const { copies, input, output } = plan;
  const events = topEvents(plan);
  const entry =
    plan.load === undefined
      ? { valid: 'in_valid_i', ready: 'in_ready_o' }
      : { valid: 'pass_valid', ready: 'pass_ready' };
  const body = `module nzflow_top (
  input  wire clk_i,
  input  wire rst_ni,
${loadPorts(plan)}${weightPorts(plan)}${events.port}  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire in_last_i,
  input  wire [${input.beatBits - 1}:0] in_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [${output.beatBits - 1}:0] out_data_o
);

  localparam Copies = ${copies};
  localparam InBits = ${input.beatBits};
  localparam OutBits = ${output.beatBits};

${loader(plan)}${weightSource(plan)}  wire slice_valid, slice_ready, slice_last;
  wire [InBits-1:0] slice_data;
  stream_register #(.Width(1 + InBits)) u_in (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(${entry.valid}), .ready_o(${entry.ready}),
    .data_i({in_last_i, in_data_i}), .valid_o(slice_valid), .ready_i(slice_ready),
    .data_o({slice_last, slice_data})
  );

  wire [Copies-1:0] copy_in_valid, copy_in_ready, copy_valid, copy_ready, copy_last;
  wire [InBits-1:0] copy_in_data;
  wire [Copies*OutBits-1:0] copy_data;
  inference_distributor #(.Copies(Copies), .DataBits(InBits)) u_distributor (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(slice_valid), .in_ready_o(slice_ready),
    .in_last_i(slice_last), .in_data_i(slice_data), .out_valid_o(copy_in_valid),
    .out_ready_i(copy_in_ready), .out_data_o(copy_in_data)
  );

${events.wires}  genvar copy;
  generate
    for (copy = 0; copy < Copies; copy = copy + 1) begin : gen_copy
      nzflow_copy u_copy (
        .clk_i(clk_i), ${plan.load === undefined ? '.rst_ni(rst_ni),' : '.rst_ni(run), .load_i(load),'}${connectCopyWeights(plan, 'copy')}${events.connection} .in_valid_i(copy_in_valid[copy]),
        .in_ready_o(copy_in_ready[copy]), .in_data_i(copy_in_data),
        .out_valid_o(copy_valid[copy]), .out_ready_i(copy_ready[copy]),
        .out_last_o(copy_last[copy]), .out_data_o(copy_data[copy*OutBits +: OutBits])
      );${events.adder}
    end
  endgenerate
${events.result}
  wire merged_valid, merged_ready, merged_last, merged_count;
  wire [OutBits-1:0] merged_data;
  site_merge #(.Ports(Copies), .CountBits(1), .DataBits(OutBits)) u_merge (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(copy_valid), .in_ready_o(copy_ready),
    .in_last_i(copy_last), .in_count_i({Copies{1'b1}}), .in_data_i(copy_data),
    .out_valid_o(merged_valid), .out_ready_i(merged_ready), .out_last_o(merged_last),
    .out_count_o(merged_count), .out_data_o(merged_data)
  );
  wire unused = &{1'b0, merged_count};
  stream_register #(.Width(1 + OutBits)) u_out (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(merged_valid), .ready_o(merged_ready),
    .data_i({merged_last, merged_data}), .valid_o(out_valid_o), .ready_i(out_ready_i),
    .data_o({out_last_o, out_data_o})
  );

endmodule
`;
  return {
    name: 'nzflow_top.v',
    content: moduleFile(
      [
        `nzflow_top: ${copies} cop${copies === 1 ? 'y' : 'ies'} of the network behind one stream.`,
        `Input: ${input.beatsPerInference} beats of ${input.valuesPerBeat} values an inference;`,
        `output: ${output.beatsPerInference} beats of ${output.wordsPerBeat} 32-bit logit(s).`,
        `Reset: ${resetCycles(plan.layers)} cycles forget what an interrupted inference left.`,
        ...loadRules(plan),
        ...weightRules(plan),
        ...provenance(plan),
      ],
      body,
    ),
  };
}
