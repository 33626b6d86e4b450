import { present } from '../base/invariant.ts';
import type { AddLayerPlan, DesignFile } from '../ir/plan.ts';
import { layerModuleName, layerOutput, outputWires } from './layer-output.ts';
import {
  connectInput,
  connectOutput,
  inputPorts,
  outputPorts,
  streamWires,
} from './stream-wires.ts';
import { commentText, moduleFile, parameterLines } from './verilog.ts';

/** An addition: both streams into `join_add`, a register slice behind. */
export function emitAdd(layer: AddLayerPlan, headerLines: readonly string[]): DesignFile {
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
${ports.join(',\n')},
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
${layerOutput(layer)}
endmodule
`;
  const header = `${name}: sum of two feature maps of ${layer.outputChannels} channels, ${layer.choice.width} value(s) a cycle.`;
  const from = `From: ${commentText(layer.origin.join(' '))}`;
  return { name: `${name}.v`, content: moduleFile([header, from, ...headerLines], body) };
}

/** Name of the port of an input of a join. */
export function inputPort(input: number): string {
  return `in${input}`;
}

/** The ports of a module as the wires that they are inside. */
function portWires(port: string): ReturnType<typeof streamWires> {
  return {
    valid: `${port}_valid_i`,
    ready: `${port}_ready_o`,
    last: `${port}_last_i`,
    count: `${port}_count_i`,
    data: `${port}_data_i`,
  };
}
