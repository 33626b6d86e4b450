import { present } from '../base/invariant.ts';
import type { DesignFile, WinnersLayerPlan } from '../ir/plan.ts';
import { inputPort, portWires } from './emit-join.ts';
import { eventPort, layerEvents, noEngines } from './layer-events.ts';
import { layerModuleName, layerOutput, outputWires } from './layer-output.ts';
import { declareWires, inputPorts, outputPorts, streamWires } from './stream-wires.ts';
import { commentText, moduleFile, parameterLines } from './verilog.ts';

/** k-WTA over a map: `map_winners`, `densify` where dense values leave, a register slice behind. */
export function emitWinners(
  layer: WinnersLayerPlan,
  headerLines: readonly string[],
  eventBits: number | null = null,
): DesignFile {
  const name = layerModuleName(layer.index);
  const { output, inputStreams, parameters, outputChannels } = layer;
  const input = present(inputStreams[0], 'a k-WTA has an input');
  const dense = output.kind === 'dense';
  const from = portWires(inputPort(0));
  const to = streamWires('', dense ? 'winners_' : 'out_');
  const densify = `  densify #(
    .Channels(${outputChannels}), .ChannelBits(${input.channelBits}), .ValueBits(${input.valueBits}),
    .W(${output.tokensPerBeat}), .T(${input.tokensPerBeat})
  ) u_densify (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(${to.valid}), .ready_o(${to.ready}),
    .last_i(${to.last}), .count_i(${to.count}), .data_i(${to.data}), .valid_o(out_valid),
    .ready_i(out_ready), .last_o(out_last), .count_o(out_count), .data_o(out_data)
  );
`;
  const body = `module ${name} (
  input  wire clk_i,
  input  wire rst_ni,
${eventPort(eventBits)}${inputPorts(inputPort(0), input)},
${outputPorts('out', output)}
);

${outputWires(output)}
${dense ? `${declareWires(to, input)}\n` : ''}  map_winners #(
        ${parameterLines(parameters)}
  ) u_winners (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(${from.valid}), .ready_o(${from.ready}),
    .last_i(${from.last}), .count_i(${from.count}), .data_i(${from.data}),
    .valid_o(${to.valid}), .ready_i(${to.ready}), .last_o(${to.last}), .count_o(${to.count}),
    .data_o(${to.data})
  );
${dense ? densify : ''}${layerOutput(layer)}${layerEvents(layer, eventBits, noEngines)}
endmodule
`;
  const k = present(parameters['K'], 'K');
  const values = outputChannels * output.height * output.width;
  const header = `${name}: the ${k} largest of the ${values} values of a feature map.`;
  const origin = `From: ${commentText(layer.origin.join(' '))}`;
  return { name: `${name}.v`, content: moduleFile([header, origin, ...headerLines], body) };
}
