import { reluActivation } from '../../src/ir/graph.ts';
import { emitAdd, emitConcat } from '../../src/emit/emit-join.ts';
import { emitLayer } from '../../src/emit/emit-layer.ts';
import { moduleFile } from '../../src/emit/verilog.ts';
import type { Resources } from '../../src/ir/board.ts';
import type { DesignFile, EdgePlan, LayerPlan, StreamPlan } from '../../src/ir/plan.ts';
import { inLockstep } from '../../src/plan/search/candidates.ts';
import { alone } from '../../src/plan/lower/layer-context.ts';
import { lowerAdd, lowerConcat } from '../../src/plan/lower/lower-join.ts';
import { lowerMaxPool } from '../../src/plan/lower/lower-max-pool.ts';
import { edgeFifo } from '../../src/plan/resources/joins.ts';
import { stageResources } from '../../src/plan/resources/plan-resources.ts';
import { denseStream, tokenStream } from '../../src/plan/streams/streams.ts';
import { sweepCases } from './cases.ts';
import { planCase } from './plan-case.ts';

/** What is synthesised and what the model says of it. */
export interface SweepUnit {
  readonly name: string;
  readonly files: () => readonly { readonly name: string; readonly content: string }[];
  readonly model: () => Resources;
  /** The layer; null for a unit that is none. */
  readonly plan: () => LayerPlan | null;
}

/** Name of the module that is synthesised. */
export const sweepTop = 'nzflow_layer00';

const format = { bits: 8, signed: false, scale: 1 } as const;
const range = { minimum: 0, maximum: 255 } as const;
const map = { channels: 32, height: 8, width: 8 } as const;
const twoPlaces = { ...alone, inputs: [...alone.inputs, ...alone.inputs] } as const;

function unit(name: string, plan: LayerPlan, file: DesignFile): SweepUnit {
  return {
    name,
    files: () => [file],
    model: () => stageResources(plan, 'ultrascale-plus'),
    plan: () => plan,
  };
}

function addUnit(name: string, stream: StreamPlan, width: number): SweepUnit {
  const plan = lowerAdd({
    index: 0,
    layer: {
      kind: 'add',
      name: 'layer',
      layer: {
        kind: 'add',
        name: 'layer',
        origin: ['layer'],
        inputs: ['one', 'other'],
        signs: [1, 1],
        outputShape: map,
        activation: reluActivation,
        kWinners: null,
      },
      inputFormats: [format, format],
      multipliers: [60_001, 54_321],
      shift: 17,
      outputFormat: format,
      outputRange: range,
    },
    choice: { core: 'join', inputTokens: [stream.tokensPerBeat, stream.tokensPerBeat], width },
    inputs: [stream, stream],
    output: stream,
    place: twoPlaces,
  });
  return unit(name, plan, emitAdd(plan, []));
}

function concatUnit(name: string, part: StreamPlan, whole: StreamPlan): SweepUnit {
  const plan = lowerConcat({
    index: 0,
    layer: {
      kind: 'concat',
      name: 'layer',
      layer: {
        kind: 'concat',
        name: 'layer',
        origin: ['layer'],
        inputs: ['one', 'other'],
        inputShapes: [map, map],
        outputShape: { ...map, channels: 2 * map.channels },
        activation: { kind: 'identity' },
        kWinners: null,
      },
      inputFormats: [format, format],
      outputFormat: format,
      outputRange: range,
    },
    choice: { core: 'join', inputTokens: [part.tokensPerBeat, part.tokensPerBeat], width: 1 },
    inputs: [part, part],
    output: whole,
    place: twoPlaces,
  });
  return unit(name, plan, emitConcat(plan, []));
}

function poolUnit(name: string, stream: (tokens: number) => StreamPlan, values: number): SweepUnit {
  const outputShape = { channels: 32, height: 4, width: 4 };
  const input = stream(4);
  const plan = lowerMaxPool({
    index: 0,
    layer: {
      kind: 'max-pool',
      name: 'layer',
      layer: {
        kind: 'max-pool',
        name: 'layer',
        origin: ['layer'],
        input: 'input',
        inputShape: map,
        outputShape,
        kernel: { height: 3, width: 3 },
        stride: { height: 2, width: 2 },
        padding: { top: 1, left: 1, bottom: 0, right: 0 },
        activation: { kind: 'identity' },
        kWinners: null,
      },
      inputFormat: format,
      outputFormat: format,
      outputRange: range,
    },
    choice: {
      core: 'max',
      engines: 1,
      lanes: 3,
      values,
      setsParallel: 4,
      ...inLockstep,
      drainWidth: 4,
      readWidth: 4,
      inputTokens: 4,
      tailTokens: 4,
    },
    input,
    output: { ...stream(4), ...outputShape },
    place: alone,
  });
  return unit(name, plan, emitLayer(plan, []));
}

/** A FIFO between two layers, alone. */
function fifoUnit(name: string, depth: number, block: boolean, stream: StreamPlan): SweepUnit {
  const width = 1 + stream.countBits + stream.tokensPerBeat * stream.tokenBits;
  const edge: EdgePlan = { from: -1, port: 0, fifoDepth: depth, blockFifo: block };
  const body = `module ${sweepTop} (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire valid_i,
  output wire ready_o,
  input  wire [${width - 1}:0] data_i,
  output wire valid_o,
  input  wire ready_i,
  output wire [${width - 1}:0] data_o
);
  ${block ? 'block_fifo' : 'token_fifo'} #(.Width(${width}), .Depth(${depth})) u_fifo (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .ready_o(ready_o), .data_i(data_i),
    .valid_o(valid_o), .ready_i(ready_i), .data_o(data_o)
  );
endmodule
`;
  return {
    name,
    files: () => [{ name: `${sweepTop}.v`, content: moduleFile([name], body) }],
    model: () => edgeFifo(edge, stream, 'ultrascale-plus'),
    plan: () => null,
  };
}

const tokens = (width: number): StreamPlan => tokenStream(map, format, width, map.channels);
const values = (width: number): StreamPlan => denseStream(map, format, width);
const twice = { ...map, channels: 2 * map.channels };

/** Everything that is synthesised: layers of engines as in `cases.ts`, and what stands between them. */
export const sweepUnits: readonly SweepUnit[] = [
  ...sweepCases.map((entry): SweepUnit => {
    return {
      name: entry.name,
      files: () => {
        const { images, verilog } = planCase(entry);
        return [verilog, ...images.map(({ file, text }) => ({ name: file, content: text }))];
      },
      model: () => stageResources(planCase(entry).plan, 'ultrascale-plus'),
      plan: () => planCase(entry).plan,
    };
  }),
  addUnit('addition of tokens', tokens(4), 2),
  addUnit('addition of tokens, 4 values a cycle', tokens(4), 4),
  addUnit('addition of dense streams', values(4), 4),
  concatUnit('concatenation of tokens', tokens(4), tokenStream(twice, format, 4, 64)),
  concatUnit('concatenation of dense streams', values(4), denseStream(twice, format, 4)),
  poolUnit('max-pooling of tokens', tokens, 1),
  poolUnit('max-pooling of a dense stream', values, 4),
  concatUnit('concatenation of tokens, 2 a beat', tokens(2), tokenStream(twice, format, 2, 64)),
  concatUnit('concatenation of tokens, 8 a beat', tokens(8), tokenStream(twice, format, 8, 64)),
  fifoUnit('FIFO of 16 beats', 16, false, tokens(4)),
  fifoUnit('FIFO of 50 beats', 50, false, tokens(4)),
  fifoUnit('FIFO of 1,000 beats in block memory', 1000, true, tokens(4)),
  fifoUnit('FIFO of 3,000 beats in block memory', 3000, true, tokens(2)),
];
