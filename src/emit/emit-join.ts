import { present } from '../base/invariant.ts';
import type { AddLayerPlan, ConcatLayerPlan, DesignFile, StreamPlan } from '../ir/plan.ts';
import { eventPort, layerEvents, noEngines } from './layer-events.ts';
import { layerModuleName, layerOutput, outputWires } from './layer-output.ts';
import {
  connectInput,
  connectOutput,
  dataBits,
  inputPorts,
  outputPorts,
  streamWires,
} from './stream-wires.ts';
import { commentText, moduleFile, parameterLines } from './verilog.ts';

/** An addition: both streams into `join_add`, a register slice behind. */
export function emitAdd(
  layer: AddLayerPlan,
  headerLines: readonly string[],
  eventBits: number | null = null,
): DesignFile {
  const name = layerModuleName(layer.index);
  const { output, inputStreams } = layer;
  const ports = inputStreams.map((stream, input) => inputPorts(inputPort(input), stream));
  const unit = ['a', 'b'].map((port, input) => {
    present(inputStreams[input], 'an addition has two inputs');
    return connectInput(port, portWires(inputPort(input)));
  });
  const body = `module ${name} (
  input  wire clk_i,
  input  wire rst_ni,
${eventPort(eventBits)}${ports.join(',\n')},
${outputPorts('out', output)}
);

${outputWires(output)}
  join_add #(
        ${parameterLines(layer.parameters)}
  ) u_add (
    .clk_i(clk_i), .rst_ni(rst_ni),
    ${unit.join(',\n    ')},
    ${connectOutput('out', streamWires('', 'out_'))}
  );
${layerOutput(layer)}${layerEvents(layer, eventBits, noEngines)}
endmodule
`;
  const header = `${name}: sum of two feature maps of ${layer.outputChannels} channels, ${layer.choice.width} value(s) a cycle.`;
  const from = `From: ${commentText(layer.origin.join(' '))}`;
  return { name: `${name}.v`, content: moduleFile([header, from, ...headerLines], body) };
}

/** A concatenation: all streams into `join_concat`, a register slice behind. */
export function emitConcat(
  layer: ConcatLayerPlan,
  headerLines: readonly string[],
  eventBits: number | null = null,
): DesignFile {
  const name = layerModuleName(layer.index);
  const { output, inputStreams } = layer;
  const ports = inputStreams.map((stream, input) => inputPorts(inputPort(input), stream));
  // input 0 is least significant
  const list = (item: (stream: StreamPlan, input: number) => string): string =>
    `{${inputStreams.map(item).reverse().join(', ')}}`;
  const of = (signal: keyof ReturnType<typeof portWires>): string =>
    list((_, input) => portWires(inputPort(input))[signal]);
  const bits = inputStreams.reduce((sum, stream) => sum + dataBits(stream), 0);
  let channels = 0;
  const offsets = inputStreams.map((stream) => {
    channels += stream.channels;
    return channels - stream.channels;
  });
  const parameters = {
    ...layer.parameters,
    ChannelBits: list(({ channelBits }) => `8'd${channelBits}`),
    ValueBits: list(({ valueBits }) => `8'd${valueBits}`),
    Signed: list(({ valueSigned }) => `1'b${Number(valueSigned)}`),
    Offsets: list((_, input) => `32'd${present(offsets[input], 'an offset')}`),
    DataBits: bits,
  };
  const body = `module ${name} (
  input  wire clk_i,
  input  wire rst_ni,
${eventPort(eventBits)}${ports.join(',\n')},
${outputPorts('out', output)}
);

${outputWires(output)}
  join_concat #(
        ${parameterLines(parameters)}
  ) u_concat (
    .clk_i(clk_i), .rst_ni(rst_ni),
    .in_valid_i(${of('valid')}), .in_ready_o(${of('ready')}),
    .in_last_i(${of('last')}), .in_count_i(${of('count')}),
    .in_data_i(${of('data')}),
    ${connectOutput('out', streamWires('', 'out_'))}
  );
${layerOutput(layer)}${layerEvents(layer, eventBits, noEngines)}
endmodule
`;
  const header = `${name}: ${inputStreams.length} feature maps side by side, ${layer.outputChannels} channels in all.`;
  const from = `From: ${commentText(layer.origin.join(' '))}`;
  return { name: `${name}.v`, content: moduleFile([header, from, ...headerLines], body) };
}

/** Name of the port of an input of a join. */
export function inputPort(input: number): string {
  return `in${input}`;
}

/** The ports of a module as the wires that they are inside. */
export function portWires(port: string): ReturnType<typeof streamWires> {
  return {
    valid: `${port}_valid_i`,
    ready: `${port}_ready_o`,
    last: `${port}_last_i`,
    count: `${port}_count_i`,
    data: `${port}_data_i`,
  };
}
