import type { LayerPlan, StreamPlan } from '../ir/plan.ts';
import { beatBits, dataBits } from './stream-wires.ts';

export function layerModuleName(index: number): string {
  return `nzflow_layer${String(index).padStart(2, '0')}`;
}

/** Wires of what leaves the unit of a layer, before the register slice behind it. */
export function outputWires(output: StreamPlan): string {
  return `  wire out_valid, out_ready, out_last;
  wire [${output.countBits - 1}:0] out_count;
  wire [${dataBits(output) - 1}:0] out_data;`;
}

/** The register slice at the end of a layer, and what the simulation looks at. */
export function layerOutput(layer: LayerPlan): string {
  return `  stream_register #(.Width(${beatBits(layer.output)})) u_slice (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(out_valid), .ready_o(out_ready),
    .data_i({out_last, out_count, out_data}), .valid_o(out_valid_o), .ready_i(out_ready_i),
    .data_o({out_last_o, out_count_o, out_data_o})
  );
${tokenProbe(layer.output)}`;
}

/** What leaves the layer, for the simulation to compare. */
function tokenProbe(output: StreamPlan): string {
  if (output.kind === 'logits') return '';
  return `
\`ifdef NZFLOW_PROBE
  nzflow_token_probe #(
    .T(${output.tokensPerBeat}), .ChannelBits(${output.channelBits}), .ValueBits(${output.valueBits}),
    .ValueSigned(${Number(output.valueSigned)}), .Dense(${Number(output.kind === 'dense')})
  ) u_token_probe (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(out_valid_o), .ready_i(out_ready_i),
    .last_i(out_last_o), .count_i(out_count_o), .data_i(out_data_o)
  );
\`endif
`;
}
