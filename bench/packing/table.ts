import { reluActivation } from '../../src/ir/graph.ts';
import { packLockstep } from '../../src/pack/pack-lockstep.ts';
import { seededRandom } from '../../src/pack/seeded-random.ts';
import type { EngineLayerPlan, LayerChoice } from '../../src/ir/plan.ts';
import type { QuantizedWindow } from '../../src/ir/quantized.ts';
import { lowerLayer } from '../../src/plan/lower/lower-layer.ts';
import { packLayerForQueues } from '../../src/plan/lower/packing-of-layer.ts';
import { setQueue } from '../../src/plan/resources/queued-lane.ts';
import { weightMemory } from '../../src/plan/resources/datapath.ts';
import { tokenStream } from '../../src/plan/streams/streams.ts';
import { steadyInterval } from './steady-interval.ts';

const outputs = 512;
const inputs = 1024;
/** Share of the activations that are not zero: a half, as after a ReLU. */
const activationDensity = 0.5;
const inferences = 24;

/** A fully connected layer with random masks, as many zeros as asked for, weights of +1. */
export function randomLayer(zeroShare: number, seed: number): QuantizedWindow {
  const random = seededRandom(seed);
  const weights = Int16Array.from({ length: outputs * inputs }, () =>
    random(1_000_000) < zeroShare * 1_000_000 ? 0 : 1,
  );
  const shape = { channels: outputs, height: 1, width: 1 };
  const one = { height: 1, width: 1 };
  const format = { bits: 8, signed: false, scale: 1 };
  return {
    kind: 'window',
    name: 'layer',
    layer: {
      kind: 'window',
      name: 'layer',
      operator: 'linear',
      origin: ['layer'],
      input: 'input',
      inputShape: { channels: inputs, height: 1, width: 1 },
      groups: 1,
      windowShape: shape,
      outputShape: shape,
      weights: Float32Array.from(weights),
      bias: new Float32Array(outputs),
      kernel: one,
      dilation: one,
      stride: one,
      padding: { top: 0, left: 0, bottom: 0, right: 0 },
      pooling: null,
      activation: reluActivation,
      kWinners: null,
    },
    inputFormat: format,
    weights,
    weightBits: 8,
    weightScale: new Float64Array(outputs).fill(1),
    bias: new Int32Array(outputs),
    accumulatorBits: 24,
    requantization: {
      multiplier: new Uint16Array(outputs).fill(32768),
      shift: new Uint8Array(outputs).fill(16),
    },
    negativeRequantization: null,
    outputFormat: format,
    outputRange: { minimum: 0, maximum: 255 },
  };
}

/** Channels that are active in each of the inferences. */
function randomTokens(seed: number): readonly (readonly number[])[] {
  const random = seededRandom(seed);
  return Array.from({ length: inferences }, () =>
    Array.from({ length: inputs }, (_, channel) => channel).filter(
      () => random(1000) < activationDensity * 1000,
    ),
  );
}

export interface Row {
  readonly zeros: number;
  readonly sets: number;
  /** Non-zeros / slots of the words there are, all sets in lockstep. */
  readonly lockstep: number;
  /** Products / (multipliers x cycles), every set with a queue of its own. */
  readonly decoupled: number;
  readonly limit: string;
  /** The same number of multipliers as lanes that share the inputs, the best of 2 and 4. */
  readonly shared: { readonly lanes: number; readonly used: number };
  readonly queueLuts: number;
  readonly pointerBlocks: number;
}

/** A unit of so many multipliers: lanes that share the inputs, each with so many sets. */
function unit(layer: QuantizedWindow, lanes: number, sets: number): EngineLayerPlan {
  const channelLanes = lanes > 1;
  const shape = { sets, queues: sets, lanes, lanePositions: channelLanes ? null : 1 };
  const packing = packLayerForQueues(layer, shape);
  const choice: LayerChoice = {
    core: 'sparse',
    engines: 1,
    lanes,
    values: 1,
    setsParallel: sets,
    queues: sets,
    channelLanes,
    blockWeights: true,
    ultraWeights: false,
    ultraStore: false,
    drainWidth: Math.min(4, sets),
    readWidth: Math.min(4, sets),
    inputTokens: 16,
    tailTokens: 4,
  };
  const input = tokenStream(layer.layer.inputShape, layer.inputFormat, 16, inputs);
  const output = tokenStream(layer.layer.outputShape, layer.inputFormat, 4, outputs);
  return lowerLayer({ index: 0, layer, packing, choice, input, output });
}

export function row(zeros: number, sets: number): Row {
  const layer = randomLayer(zeros, 1000 * zeros + sets);
  const nonZero = Uint8Array.from(layer.weights, (weight) => Number(weight !== 0));
  const lockstep = packLockstep({ layer: 'layer', outputs, indices: inputs, nonZero }, { sets });
  const tokens = randomTokens(sets);
  const counts = new Float64Array(inputs);
  nonZero.forEach((one, at) => {
    counts[at % inputs] = (counts[at % inputs] ?? 0) + one;
  });
  const products = tokens.flat().reduce((sum, channel) => sum + (counts[channel] ?? 0), 0);
  const steps = tokens.flat().length / inferences;
  const mean = products / inferences / sets;
  const plan = unit(layer, 1, sets);
  const shared = [2, 4]
    .map((lanes) => ({
      lanes,
      used: mean / steadyInterval(unit(layer, lanes, sets / lanes), tokens),
    }))
    .reduce((best, other) => (other.used > best.used ? other : best));
  const number = (name: string): number => plan.parameters[name] ?? 0;
  const queue = setQueue('ultrascale-plus', {
    startBits: number('QueueStartBits'),
    countBits: number('QueueCountBits'),
    valueBits: 8,
    depth: number('QueueDepth'),
  });
  const pointers = weightMemory(
    'ultrascale-plus',
    sets * (number('QueueStartBits') + number('QueueCountBits')),
    inputs,
    true,
  );
  return {
    zeros,
    sets,
    lockstep: lockstep.efficiency,
    decoupled: mean / steadyInterval(plan, tokens),
    limit: steps > mean ? 'one token a cycle' : 'the busiest queue',
    shared,
    queueLuts: sets * queue.lut + pointers.lut,
    pointerBlocks: pointers.bram36,
  };
}

/** The table, in Markdown. */
export function packingTable(note: (line: string) => void): string {
  const lines = [
    '| zeros | sets | lockstep: slots used | decoupled: time used | limited by | as lanes × sets | time used | LUT of the queues | pointers, BRAM36 |',
    '| - | - | - | - | - | - | - | - | - |',
  ];
  for (const zeros of [0.8, 0.9, 0.95, 0.98]) {
    for (const sets of [8, 16, 32]) {
      const found = row(zeros, sets);
      lines.push(
        `| ${[
          `${(100 * zeros).toFixed(0)} %`,
          found.sets,
          found.lockstep.toFixed(2),
          found.decoupled.toFixed(2),
          found.limit,
          `${found.shared.lanes} × ${sets / found.shared.lanes}`,
          found.shared.used.toFixed(2),
          Math.round(found.queueLuts),
          found.pointerBlocks,
        ].join(' | ')} |`,
      );
      note(lines.at(-1) ?? '');
    }
  }
  return `${lines.join('\n')}\n`;
}
