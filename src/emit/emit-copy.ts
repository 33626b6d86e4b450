import { ceilLog2 } from '../base/bits.ts';
import { present } from '../base/invariant.ts';
import { hasEngines, inputStreamsOf } from '../ir/plan.ts';
import type { AnswerPlan, DesignFile, EdgePlan, LayerPlan, Plan, StreamPlan } from '../ir/plan.ts';
import { inputPort } from './emit-join.ts';
import { connectLayerEvents, eventPort } from './layer-events.ts';
import { layerModuleName } from './layer-output.ts';
import { layerLoadBits, loadPort, loadRegister } from './load-bus.ts';
import { provenance } from './provenance.ts';
import {
  beatBits,
  connectInput,
  connectOutput,
  declareWires,
  streamWires,
} from './stream-wires.ts';
import type { StreamWires } from './stream-wires.ts';
import { moduleFile } from './verilog.ts';
import { connectLayerWeights, copyWants, copyWeightPorts } from './weight-bus.ts';

/** One whole network: input buffer, splitter, layers with forks and FIFOs between them, answers. */
export function emitCopy(plan: Plan): DesignFile {
  const { input, output, layers } = plan;
  const load = plan.load?.beatBits ?? null;
  const body = `module nzflow_copy (
  input  wire clk_i,
  input  wire rst_ni,
${loadPort(load)}${copyWeightPorts(plan)}${eventPort(plan.axi?.eventBits ?? null, layers.length)}  input  wire in_valid_i,
  output wire in_ready_o,
  input  wire [${input.beatBits - 1}:0] in_data_i,
  output wire out_valid_o,
  input  wire out_ready_i,
  output wire out_last_o,
  output wire [${output.beatBits - 1}:0] out_data_o
);

${loadRegister(load)}${copyWants(plan)}${inputBuffer(plan)}

${layers.map((layer) => declareWires(giverWires(layer.index), layer.output)).join('\n')}

${[forkBehind(plan, -1), ...layers.map((layer) => layerInstance(plan, layer))]
  .filter((text) => text !== '')
  .join('\n\n')}

${answerLines(plan)}

endmodule
`;
  return {
    name: 'nzflow_copy.v',
    content: moduleFile(
      ['nzflow_copy: one whole network, a pipeline of layers.', ...provenance(plan)],
      body,
    ),
  };
}

/** What leaves a giver, before its fork: the input of the network has number 0. */
export function giverWires(giver: number): StreamWires {
  return streamWires(String(giver + 1));
}

function streamOf(plan: Plan, giver: number): StreamPlan {
  return giver === -1 ? plan.input.stream : present(plan.layers[giver], 'a layer').output;
}

function readersOf(plan: Plan, giver: number): number {
  return giver === -1 ? plan.input.readers : present(plan.layers[giver], 'a layer').readers;
}

function inputBuffer({ input }: Plan): string {
  const { stream, beatBits: bits, partsPerBeat } = input;
  const partBits = stream.tokensPerBeat * stream.tokenBits;
  const used = partsPerBeat * partBits;
  return `  wire buffer_valid, buffer_ready;
  wire [${bits - 1}:0] buffer_data;
  token_fifo #(.Width(${bits}), .Depth(${input.fifoDepth})) u_buffer (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(in_valid_i), .ready_o(in_ready_o),
    .data_i(in_data_i), .valid_o(buffer_valid), .ready_i(buffer_ready), .data_o(buffer_data)
  );

  wire valid0, ready0, last0;
  wire [${stream.countBits - 1}:0] count0 = ${stream.countBits}'d${stream.tokensPerBeat};
  wire [${partBits - 1}:0] data0;
  beat_splitter #(
    .Parts(${partsPerBeat}), .PartBits(${partBits}), .StreamBeats(${input.streamBeats}),
    .BeatsPerSite(${stream.maximumBeats})
  ) u_splitter (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(buffer_valid), .in_ready_o(buffer_ready),
    .in_data_i(buffer_data[${used - 1}:0]), .out_valid_o(valid0),
    .out_ready_i(ready0), .out_last_o(last0), .out_data_o(data0)
  );${bits === used ? '' : `\n  wire unused_input = &{1'b0, buffer_data[${bits - 1}:${used}]};`}`;
}

function forkName(giver: number): string {
  return `fork${giver + 1}`;
}

/** The fork behind a giver that several read; nothing where one does. */
function forkBehind(plan: Plan, giver: number): string {
  const readers = readersOf(plan, giver);
  if (readers === 1) return '';
  const stream = streamOf(plan, giver);
  const { valid, ready, last, count, data } = giverWires(giver);
  const fork = forkName(giver);
  return `  wire [${readers - 1}:0] ${fork}_valid, ${fork}_ready;
  wire [${beatBits(stream) - 1}:0] ${fork}_beat;
  stream_fork #(.Ports(${readers}), .Width(${beatBits(stream)})) u_${fork} (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(${valid}), .ready_o(${ready}),
    .data_i({${last}, ${count}, ${data}}), .valid_o(${fork}_valid), .ready_i(${fork}_ready),
    .data_o(${fork}_beat)
  );`;
}

interface Arrival {
  /** Verilog that has to stand before the reader. */
  readonly text: string;
  readonly wires: StreamWires;
}

/** What a reader finds at the end of its edge: the giver, a port of its fork, or a FIFO. */
function arrival(plan: Plan, edge: EdgePlan, reader: string): Arrival {
  const stream = streamOf(plan, edge.from);
  const forked = readersOf(plan, edge.from) > 1;
  const giver = giverWires(edge.from);
  if (!forked && edge.fifoDepth === 0) return { text: '', wires: giver };
  const beat = forked
    ? `${forkName(edge.from)}_beat`
    : `{${giver.last}, ${giver.count}, ${giver.data}}`;
  const valid = forked ? `${forkName(edge.from)}_valid[${edge.port}]` : giver.valid;
  const ready = forked ? `${forkName(edge.from)}_ready[${edge.port}]` : giver.ready;
  const wires = streamWires('', `${reader}_`);
  const declared = declareWires(wires, stream);
  const all = `{${wires.last}, ${wires.count}, ${wires.data}}`;
  if (edge.fifoDepth === 0) {
    return {
      text: `${declared}
  assign ${wires.valid} = ${valid};
  assign ${ready} = ${wires.ready};
  assign ${all} = ${beat};
`,
      wires,
    };
  }
  return {
    text: `${declared}
  ${edge.blockFifo ? 'block_fifo' : 'token_fifo'} #(.Width(${beatBits(stream)}), .Depth(${edge.fifoDepth})) u_${reader}_fifo (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(${valid}), .ready_o(${ready}),
    .data_i(${beat}), .valid_o(${wires.valid}), .ready_i(${wires.ready}),
    .data_o(${all})
  );
`,
    wires,
  };
}

function layerInstance(plan: Plan, layer: LayerPlan): string {
  const { index } = layer;
  const arrivals = inputStreamsOf(layer).map((_, input) => {
    const edge = present(layer.inputs[input], 'an edge for every input');
    return arrival(plan, edge, `layer${index}_in${input}`);
  });
  const connections = arrivals.map(({ wires }, input) =>
    connectInput(hasEngines(layer) ? 'in' : inputPort(input), wires),
  );
  const fork = forkBehind(plan, index);
  return `${arrivals.map(({ text }) => text).join('')}  ${layerModuleName(index)} u_layer${index} (
    .clk_i(clk_i), .rst_ni(rst_ni),${layerLoadBits(layer) === null ? '' : ' .load_i(load_q),'}${connectLayerWeights(plan, layer)}${connectLayerEvents(plan, index)}
    ${connections.join(',\n    ')},
    ${connectOutput('out', giverWires(index))}
  );${fork === '' ? '' : `\n${fork}`}`;
}

/** The answers, a whole one after another, to the output of the copy. */
export function answerLines(plan: Plan): string {
  const { output } = plan;
  const { wordsPerBeat, beatBits: bits } = output;
  const all = output.answers.map((answer, index) => answerWords(plan, answer, index));
  const text = all.map((answer) => answer.text).join('\n');
  const counts = all.map(({ wires }) => wires.count).join(', ');
  const [only] = all;
  if (only !== undefined && all.length === 1) {
    return `${text}  assign out_valid_o = ${only.wires.valid};
  assign ${only.wires.ready} = out_ready_i;
  assign out_last_o = ${only.wires.last};
  assign out_data_o = ${only.wires.data};
  wire unused = &{1'b0, ${counts}};`;
  }
  // port 0 is least significant
  const list = (of: keyof StreamWires): string =>
    `{${all
      .map(({ wires }) => wires[of])
      .reverse()
      .join(', ')}}`;
  const countBits = ceilLog2(wordsPerBeat + 1);
  return `${text}  wire answer_valid, answer_ready, answer_last, answer_count;
  wire [${bits - 1}:0] answer_data;
  site_merge #(.Ports(${all.length}), .CountBits(1), .DataBits(${bits})) u_answers (
    .clk_i(clk_i), .rst_ni(rst_ni), .in_valid_i(${list('valid')}),
    .in_ready_o(${list('ready')}), .in_last_i(${list('last')}),
    .in_count_i({${all.length}{1'b1}}),
    .in_data_i(${list('data')}),
    .out_valid_o(answer_valid), .out_ready_i(answer_ready), .out_last_o(answer_last),
    .out_count_o(answer_count), .out_data_o(answer_data)
  );
  // the end of the last answer ends the inference
  wire [${countBits - 1}:0] end_count;
  answer_stream #(
    .Channels(${wordsPerBeat}), .ValueBits(32), .Dense(1), .P(${wordsPerBeat}), .Sites(${all.length})
  ) u_end (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(answer_valid), .ready_o(answer_ready),
    .last_i(answer_last), .count_i(${countBits}'d${wordsPerBeat}), .data_i(answer_data),
    .valid_o(out_valid_o), .ready_i(out_ready_i), .last_o(out_last_o), .count_o(end_count),
    .data_o(out_data_o)
  );
  wire unused = &{1'b0, answer_count, end_count, ${counts}};`;
}

/** The stream of an answer as 32-bit words, with `last` at the end of the map. */
function answerWords(plan: Plan, answer: AnswerPlan, index: number): Arrival {
  const { text, wires } = arrival(plan, answer.edge, `answer${index}`);
  const stream = streamOf(plan, answer.edge.from);
  const { wordsPerBeat } = plan.output;
  const sites = answer.height * answer.width;
  if (stream.kind === 'logits' && sites === 1) return { text, wires };
  const words = streamWires('', `answer${index}_word_`);
  return {
    text: `${text}  wire ${words.valid}, ${words.ready}, ${words.last};
  wire [${ceilLog2(wordsPerBeat + 1) - 1}:0] ${words.count};
  wire [${plan.output.beatBits - 1}:0] ${words.data};
  answer_stream #(
    .Channels(${answer.channels}), .ChannelBits(${stream.channelBits}), .ValueBits(${stream.valueBits}),
    .Signed(${Number(stream.valueSigned)}), .Dense(1), .P(${wordsPerBeat}), .Sites(${sites})
  ) u_answer${index} (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(${wires.valid}), .ready_o(${wires.ready}),
    .last_i(${wires.last}), .count_i(${wires.count}), .data_i(${wires.data}),
    .valid_o(${words.valid}), .ready_i(${words.ready}), .last_o(${words.last}),
    .count_o(${words.count}), .data_o(${words.data})
  );
`,
    wires: words,
  };
}
