import { present } from '../base/invariant.ts';
import { hasEngines } from '../ir/plan.ts';
import type { DesignFile, StreamPlan } from '../ir/plan.ts';
import { partBits } from '../plan/isolate-layer.ts';
import type { IsolatedLayer } from '../plan/isolate-layer.ts';
import { answerLines, giverWires } from './emit-copy.ts';
import { inputPort } from './emit-join.ts';
import { loader, loadPorts } from './emit-loader.ts';
import { eventKinds } from './layer-events.ts';
import { layerModuleName } from './layer-output.ts';
import { layerLoadBits, loadPort } from './load-bus.ts';
import {
  beatBits,
  connectInput,
  connectOutput,
  dataBits,
  declareWires,
  streamWires,
} from './stream-wires.ts';
import { moduleFile } from './verilog.ts';
import {
  connectCopyWeights,
  connectLayerWeights,
  copyWants,
  copyWeightPorts,
  weightPorts,
  weightSource,
} from './weight-bus.ts';

/**
 * What stands around a layer alone, with the ports and the hierarchy of a whole design; the module of
 * the layer itself is that of the whole design, renumbered (`renumberLayer`). An input beat holds a part for
 * every input: {there is a beat, last, count, data}, input 0 least significant; it is taken when all
 * inputs it has beats for can take them. A layer whose values leave gives one word 0 at the end of
 * its map. Nothing in the text tells layers of equal structure apart.
 */
export function emitIsolated(isolated: IsolatedLayer): readonly DesignFile[] {
  return [emitTop(isolated), emitCopy(isolated)];
}

/** The emitted module of the layer as that of layer 0, without the comment that says where it is from. */
export function renumberLayer(text: string, { whole, layer }: IsolatedLayer): DesignFile {
  const number = String(whole).padStart(2, '0');
  const code = text
    .replace(/^(?:\/\/.*\n)+/, '')
    .replaceAll(layerModuleName(whole), layerModuleName(0))
    .replaceAll(`"layer${number}_`, '"layer00_')
    // names with another number may have another length
    // and an image another number
    .replace(/\.(\w*(?:Chars|Image))\(\d+\)/g, (_, name: string) => {
      return `.${name}(${present(layer.parameters[name], name)})`;
    });
  return { name: `${layerModuleName(0)}.v`, content: code };
}

function ports({ plan }: IsolatedLayer, load: string): string {
  return `  input  wire clk_i,
  input  wire rst_ni,
${load}  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire in_last_i,
  input  wire [${plan.input.beatBits - 1}:0] in_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [${plan.output.beatBits - 1}:0] out_data_o`;
}

function bitsLoaded({ plan, layer }: IsolatedLayer): number | null {
  return plan.load === undefined ? null : layerLoadBits(layer);
}

function emitTop(isolated: IsolatedLayer): DesignFile {
  const { plan } = isolated;
  const loaded = bitsLoaded(isolated) !== null;
  const body = `module nzflow_top (
${ports(isolated, loadPorts(plan) + weightPorts(plan))}
);

${loader(plan)}${weightSource(plan)}  genvar copy;
  generate
    for (copy = 0; copy < 1; copy = copy + 1) begin : gen_copy
      nzflow_copy u_copy (
        .clk_i(clk_i), ${loaded ? '.rst_ni(run), .load_i(load)' : '.rst_ni(rst_ni)'},${connectCopyWeights(plan, 'copy')}
        .in_valid_i(${loaded ? 'pass_valid' : 'in_valid_i'}), .in_ready_o(${loaded ? 'pass_ready' : 'in_ready_o'}),
        .in_last_i(in_last_i), .in_data_i(in_data_i), .out_valid_o(out_valid_o),
        .out_ready_i(out_ready_i), .out_last_o(out_last_o), .out_data_o(out_data_o)
      );
    end
  endgenerate

endmodule
`;
  return { name: 'nzflow_top.v', content: moduleFile(['nzflow_top: one layer alone.'], body) };
}

function emitCopy(isolated: IsolatedLayer): DesignFile {
  const { plan, layer, inputs } = isolated;
  const parts = inputParts(isolated);
  const connections = inputs.map((_, input) =>
    connectInput(hasEngines(layer) ? 'in' : inputPort(input), arrivalWires(input)),
  );
  const load = bitsLoaded(isolated);
  const body = `module nzflow_copy (
${ports(isolated, loadPort(load) + copyWeightPorts(plan))}
);

${copyWants(plan)}${parts.join('\n\n')}
  wire [${inputs.length - 1}:0] can_take = {${inputs
    .map((_, input) => `part${input}_room | !part${input}_there`)
    .reverse()
    .join(', ')}};
  assign in_ready_o = &can_take;

${declareWires(giverWires(0), layer.output)}${unusedEvents(plan)}
  ${layerModuleName(0)} u_layer0 (
    .clk_i(clk_i), .rst_ni(rst_ni),${load === null ? '' : ' .load_i(load_i),'}${connectLayerWeights(plan, layer)}${plan.axi === undefined ? '' : ' .events_o(events),'}
    ${connections.join(',\n    ')},
    ${connectOutput('out', giverWires(0))}
  );

${layer.output.kind === 'logits' ? answerLines(plan) : mapEnd(layer.output)}
  wire unused_last = &{1'b0, in_last_i};

endmodule
`;
  return { name: 'nzflow_copy.v', content: moduleFile(['nzflow_copy: one layer alone.'], body) };
}

function arrivalWires(input: number): ReturnType<typeof streamWires> {
  return streamWires('', `in${input}_`);
}

/** What is cut out of an input beat for each input, and the FIFO behind it. */
function inputParts({ inputs, fifoDepths }: IsolatedLayer): readonly string[] {
  let low = 0;
  return inputs.map((stream, input) => {
    const first = low;
    low += partBits(stream);
    const width = beatBits(stream);
    const wires = arrivalWires(input);
    return `  wire part${input}_there = in_data_i[${first + width}];
  wire part${input}_room;
${declareWires(wires, stream)}
  token_fifo #(.Width(${width}), .Depth(${fifoDepths[input] ?? 2})) u_part${input} (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(in_valid_i & in_ready_o & part${input}_there),
    .ready_o(part${input}_room), .data_i(in_data_i[${first + width - 1}:${first}]),
    .valid_o(${wires.valid}), .ready_i(${wires.ready}),
    .data_o({${wires.last}, ${wires.count}, ${wires.data}})
  );`;
  });
}

/** Everything is taken while the output is; the last beat of a map is told. */
function mapEnd(stream: StreamPlan): string {
  const { valid, ready, last, count, data } = giverWires(0);
  const sites = stream.height * stream.width;
  return `  reg [31:0] site_q;
  wire map_end = site_q == 32'd${sites - 1};
  assign ${ready} = out_ready_i;
  assign out_valid_o = ${valid} & ${last} & map_end;
  assign out_last_o = 1'b1;
  assign out_data_o = 32'd0;
  always @(posedge clk_i) begin
    if (!rst_ni) site_q <= 32'd0;
    else if (${valid} & ${ready} & ${last}) site_q <= map_end ? 32'd0 : site_q + 32'd1;
  end
  wire unused_beat = &{1'b0, ${count}, ${data}[${dataBits(stream) - 1}:0]};`;
}

/** The layer tells its events where the whole design counts them; alone nobody does. */
function unusedEvents({ axi }: IsolatedLayer['plan']): string {
  if (axi === undefined) return '';
  return `
  wire [${eventKinds.length * axi.eventBits - 1}:0] events;
  wire unused_events = &{1'b0, events};`;
}
