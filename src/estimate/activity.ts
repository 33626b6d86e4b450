import { present } from '../base/invariant.ts';
import type { Board, Resources } from '../ir/board.ts';
import { hasEngines, inputStreamsOf } from '../ir/plan.ts';
import type {
  AddLayerPlan,
  ConcatLayerPlan,
  EngineLayerPlan,
  LayerPlan,
  Plan,
  TailPlan,
  WinnersLayerPlan,
} from '../ir/plan.ts';
import type { ScheduledGraph } from '../ir/adder-graph.ts';
import { memoryKind } from '../plan/memory-kinds.ts';
import { planResources } from '../plan/resources/plan-resources.ts';
import { registerBits } from '../plan/wired/schedule-graph.ts';
import { graphBits } from '../plan/wired/wire-matrix.ts';
import type { EventCount } from './energy-event.ts';
import { Ledger } from './ledger.ts';

/** What one layer did per inference, summed over the engines of a copy, as counted in simulation. */
export interface LayerActivityCounts {
  readonly windows: number;
  /** Lane steps, and weight words read for products: by lanes, or by each of their queues. */
  readonly steps: number;
  readonly issues: number;
  /** Beats on the stream that leaves the layer. */
  readonly beats: number;
}

/** Share of the bits of a word that differ from the word before; half of them for random words. */
const toggleShare = 0.5;
/** Flip-flops and LUTs that change when a lane goes to its next token: counters and addresses. */
const laneControlBits = 24;

/** What the counts assume, one sentence each, for the report. */
export const activityAssumptions: readonly string[] = [
  'Multiplies, memory accesses, accumulator updates and beats are counted in the RTL simulation; ' +
    `each is charged with half of its bits toggling, a lane step with ${laneControlBits} bits of control.`,
  'Wired weights are charged as the additions they are: half of all full adders and of their registers a step, ' +
    'glitches included as for every LUT.',
  'The clock tree drives every flip-flop of the resource model in every cycle, used or not: no clock gating.',
];

/**
 * Events of all layers per inference. `oneCopyCycles`: cycles between two inferences of one copy,
 * which idle blocks and the clock tree are charged for. `weightBeats`: beats of streamed weights.
 */
export function countEvents(
  plan: Plan,
  counts: readonly LayerActivityCounts[],
  oneCopyCycles: number,
  board: Board,
  weightBeats = 0,
): readonly EventCount[] {
  const resources = planResources(plan, board.family);
  const layers = plan.layers.flatMap((layer, index) => {
    const activity = present(counts[index], 'every layer has its counts');
    const beatsIn = layer.inputs.map(({ from }) => {
      return from === -1 ? plan.input.streamBeats : (counts[from]?.beats ?? 0);
    });
    const ledger = new Ledger(layer.name);
    countLayer(ledger, plan, layer, {
      activity,
      beatsIn,
      oneCopyCycles,
      board,
      resources: present(resources.byLayer[index], 'every layer has resources').resources,
    });
    return ledger.events;
  });
  const ports = new Ledger(null);
  const bits =
    plan.input.beatsPerInference * plan.input.beatBits +
    plan.output.beatsPerInference * plan.output.beatBits;
  // Slice at the top, buffer in, buffer out.
  ports.add('ff-toggle', 'control', 2 * toggleShare * bits);
  ports.add('lutram-bit', 'control', 2 * plan.input.beatsPerInference * plan.input.beatBits);
  const inLayers = resources.byLayer.reduce((sum, layer) => sum + layer.resources.ff, 0);
  const outside = resources.perCopy.ff - inLayers + resources.shared.ff / plan.copies;
  ports.add('clock-ff-cycle', 'clock', Math.max(0, outside) * oneCopyCycles);
  countWeightStream(ports, plan, weightBeats, oneCopyCycles / plan.copies);
  return [...layers, ...ports.events];
}

/** Every beat is read beside the device, passes the FIFO and three registers, and goes to all copies. */
function countWeightStream(
  ledger: Ledger,
  { weightStream }: Plan,
  beats: number,
  cycles: number,
): void {
  if (weightStream === undefined) return;
  const width = weightStream.beatBits;
  ledger.add('dram-bit', 'dram', beats * width);
  ledger.access('weights', { kind: 'block', reads: beats, writes: beats, width, cycles });
  ledger.add('ff-toggle', 'weights', toggleShare * 3 * beats * width);
}

interface LayerCircumstances {
  readonly activity: LayerActivityCounts;
  /** By input. */
  readonly beatsIn: readonly number[];
  readonly oneCopyCycles: number;
  readonly board: Board;
  /** Of the layer in one copy. */
  readonly resources: Resources;
}

function countLayer(
  ledger: Ledger,
  plan: Plan,
  layer: LayerPlan,
  circumstances: LayerCircumstances,
): void {
  if (hasEngines(layer)) countEngines(ledger, plan, layer, circumstances);
  else if (layer.kind === 'winners') countMap(ledger, layer, circumstances);
  else countJoin(ledger, layer, circumstances);
  countFifos(ledger, layer, circumstances);
  const { activity, oneCopyCycles, resources } = circumstances;
  const beatBits = layer.output.tokensPerBeat * layer.output.tokenBits;
  // Merge, register slice and the wires to the next layer's engines.
  ledger.add('ff-toggle', 'control', 2 * toggleShare * activity.beats * beatBits);
  ledger.add('lut-toggle', 'control', toggleShare * activity.beats * beatBits);
  ledger.add('clock-ff-cycle', 'clock', resources.ff * oneCopyCycles);
}

function countEngines(
  ledger: Ledger,
  plan: Plan,
  layer: EngineLayerPlan,
  circumstances: LayerCircumstances,
): void {
  if (layer.wired !== undefined) {
    countAdditions(ledger, layer, layer.wired, circumstances);
    countStore(ledger, layer, circumstances);
    countTail(ledger, layer, circumstances);
    return;
  }
  if (layer.kind === 'window') {
    countMultiplies(ledger, layer, circumstances);
    countWeights(ledger, plan, layer, circumstances);
    countQueues(ledger, plan, layer, circumstances);
  }
  countSums(ledger, layer, circumstances);
  countStore(ledger, layer, circumstances);
  countTail(ledger, layer, circumstances);
  const { activity } = circumstances;
  ledger.add('lut-toggle', 'control', activity.steps * laneControlBits);
  ledger.add('ff-toggle', 'control', activity.steps * laneControlBits);
}

/**
 * A wired layer: every full adder and register of the additions, a step. Products are these
 * additions: nothing multiplies, no weight is read. A comparison a window; a vector goes into the memory
 * of a tail and out again.
 */
function countAdditions(
  ledger: Ledger,
  layer: EngineLayerPlan,
  graph: ScheduledGraph,
  { activity }: LayerCircumstances,
): void {
  const { steps, windows } = activity;
  const { pool } = layer.window;
  ledger.add('lut-toggle', 'multiply', toggleShare * steps * graphBits(graph));
  ledger.add('ff-toggle', 'multiply', toggleShare * steps * registerBits(graph));
  const columnBits = layer.choice.lanes * layer.input.channels * layer.input.valueBits;
  ledger.add('ff-toggle', 'activations', toggleShare * steps * columnBits);
  const vectorBits = layer.outputChannels * layer.sumBits;
  const pooled = pool.height * pool.width;
  if (pooled > 1) ledger.add('lut-toggle', 'accumulate', toggleShare * windows * vectorBits);
  const held = windows + windows / pooled;
  ledger.add('ff-toggle', 'accumulate', toggleShare * held * vectorBits);
  ledger.add('lutram-bit', 'accumulate', 2 * (windows / pooled) * vectorBits);
  ledger.add('lut-toggle', 'control', steps * laneControlBits);
  ledger.add('ff-toggle', 'control', steps * laneControlBits);
}

/** Every value of a site is written into a half of `densify` and read; an addition scales both. */
function countJoin(
  ledger: Ledger,
  layer: AddLayerPlan | ConcatLayerPlan,
  { beatsIn }: LayerCircumstances,
): void {
  const { width } = layer.choice;
  const sites = layer.output.height * layer.output.width;
  layer.inputStreams.forEach((stream, input) => {
    const bits = stream.tokensPerBeat * stream.tokenBits;
    ledger.add('lut-toggle', 'activations', toggleShare * (beatsIn[input] ?? 0) * bits);
    if (layer.kind !== 'add') return;
    const values = sites * Math.ceil(layer.outputChannels / width) * width;
    const moved = stream.kind === 'tokens' ? values * stream.valueBits : 0;
    ledger.add('lutram-bit', 'activations', 2 * moved);
    ledger.add('multiply-dsp-wide', 'activations', values);
    ledger.add('ff-toggle', 'activations', toggleShare * values * (stream.valueBits + 18));
  });
}

/**
 * Every beat of a map is written, read again for the ties and for the winners; every token is
 * counted, by value and once more among the ties; the bins are read once.
 */
function countMap(
  ledger: Ledger,
  layer: WinnersLayerPlan,
  { beatsIn, oneCopyCycles }: LayerCircumstances,
): void {
  const parameter = (name: string): number => present(layer.parameters[name], name);
  const stream = present(layer.inputStreams[0], 'a k-WTA has an input');
  const width = 1 + stream.countBits + stream.tokensPerBeat * stream.tokenBits;
  const beats = beatsIn[0] ?? 0;
  const readings = parameter('KeepTies') === 1 ? 1 : 2;
  if (parameter('BlockMemory') === 1) {
    ledger.add('bram-write', 'activations', beats, width);
    ledger.add('bram-read', 'activations', readings * beats, width);
    ledger.add('bram-idle-cycle', 'activations', oneCopyCycles - readings * beats, width);
  } else {
    ledger.add('lutram-bit', 'activations', (1 + readings) * beats * width);
  }
  const slots = beats * stream.tokensPerBeat;
  const binBits = Math.ceil(Math.log2(parameter('MapBeats') + 1));
  const bins = stream.tokensPerBeat * 2 ** stream.valueBits;
  ledger.add('lutram-bit', 'activations', 2 * (readings * slots + bins) * binBits);
  ledger.add('lut-toggle', 'activations', toggleShare * readings * slots * stream.tokenBits);
  ledger.add('ff-toggle', 'activations', toggleShare * 3 * slots * stream.tokenBits);
}

/** Every beat is written into a FIFO and read again. */
function countFifos(ledger: Ledger, layer: LayerPlan, { beatsIn }: LayerCircumstances): void {
  inputStreamsOf(layer).forEach((stream, input) => {
    const edge = layer.inputs[input];
    if (edge === undefined || edge.fifoDepth === 0) return;
    const bits = 1 + stream.countBits + stream.tokensPerBeat * stream.tokenBits;
    const beats = beatsIn[input] ?? 0;
    if (edge.blockFifo) {
      ledger.add('bram-write', 'activations', beats, bits);
      ledger.add('bram-read', 'activations', beats, bits);
    } else {
      ledger.add('lutram-bit', 'activations', 2 * beats * bits);
    }
  });
}

/** Words read by the multipliers: the dense core reads one for all its lanes. */
function wordReads(layer: EngineLayerPlan, activity: LayerActivityCounts): number {
  return layer.choice.core === 'dense' ? activity.issues / layer.choice.lanes : activity.issues;
}

/** Sets that a word has weights for. */
function setsOfWord(layer: EngineLayerPlan): number {
  const { setsParallel, queues } = layer.choice;
  return setsParallel / Math.max(1, queues);
}

/** Products the multipliers made, products with a padded zero among them. */
function productsMade(layer: EngineLayerPlan, activity: LayerActivityCounts): number {
  return activity.issues * layer.choice.values * setsOfWord(layer);
}

function countMultiplies(
  ledger: Ledger,
  layer: EngineLayerPlan,
  { activity, oneCopyCycles, board, resources }: LayerCircumstances,
): void {
  const products = productsMade(layer, activity);
  const { core, setsParallel } = layer.choice;
  const shares = core === 'dense' || layer.parameters['PairWeights'] === 1;
  const paired = shares && board.int8ProductsPerDsp >= 2;
  // an odd set is alone in its block
  const blocksOfProducts = paired ? Math.ceil(setsParallel / 2) / setsParallel : 1;
  const operations = products * blocksOfProducts;
  const blocks = layer.multipliers * blocksOfProducts;
  ledger.add(paired ? 'multiply-dsp-wide' : 'multiply-dsp', 'multiply', operations);
  ledger.add(
    'dsp-idle-cycle',
    'multiply',
    Math.min(resources.dsp, blocks) * oneCopyCycles - operations,
  );
  // Operand registers outside the multiplier block.
  const operandBits = layer.weightBits + layer.input.valueBits;
  ledger.add('ff-toggle', 'multiply', toggleShare * operandBits * operations);
}

function countWeights(
  ledger: Ledger,
  plan: Plan,
  layer: EngineLayerPlan,
  { activity, oneCopyCycles }: LayerCircumstances,
): void {
  if (layer.streamed !== undefined) {
    const bits = wordReads(layer, activity) * present(layer.parameters['StreamBits'], 'StreamBits');
    ledger.add('ff-toggle', 'weights', toggleShare * bits);
    return;
  }
  const memories = plan.memories.filter(
    (memory) => memory.layer === layer.name && memory.purpose === 'weights',
  );
  const memory = present(memories[0], `${layer.name} has a weight memory`);
  const reads = wordReads(layer, activity);
  const instances = memories.reduce((sum, { instances: count }) => sum + count, 0);
  const kind = memory.memory;
  const cycles = instances * oneCopyCycles;
  ledger.access('weights', { kind, reads, writes: 0, width: memory.widthBits, cycles });
}

/** Every token reads the pointers of all queues, and passes those in which it has words. */
function countQueues(
  ledger: Ledger,
  plan: Plan,
  layer: EngineLayerPlan,
  { activity, oneCopyCycles }: LayerCircumstances,
): void {
  const { queues, engines, lanes } = layer.choice;
  if (queues === 0) return;
  const memory = present(
    plan.memories.find(({ layer: name, purpose }) => name === layer.name && purpose === 'pointers'),
    `${layer.name} has pointers`,
  );
  ledger.access('weights', {
    kind: memory.memory,
    reads: activity.steps,
    writes: 0,
    width: memory.widthBits,
    cycles: engines * lanes * oneCopyCycles,
  });
  const entryBits = memory.widthBits / queues + layer.input.valueBits;
  const passed = Math.min(activity.issues, activity.steps * queues);
  ledger.add('lutram-bit', 'control', 2 * passed * entryBits);
  ledger.add('ff-toggle', 'control', toggleShare * activity.issues * entryBits);
  ledger.add('lut-toggle', 'control', toggleShare * activity.issues * entryBits);
}

function countSums(ledger: Ledger, layer: EngineLayerPlan, { activity }: LayerCircumstances): void {
  const { core, lanes, values } = layer.choice;
  const updates = wordReads(layer, activity) * setsOfWord(layer);
  ledger.add('lutram-bit', 'accumulate', 2 * updates * layer.sumBits);
  ledger.add('lut-toggle', 'accumulate', toggleShare * updates * layer.sumBits);
  if (core === 'dense') {
    const additions = updates * (lanes * values - 1);
    const productBits = layer.weightBits + layer.input.valueBits;
    ledger.add('lut-toggle', 'accumulate', toggleShare * additions * productBits);
    ledger.add('ff-toggle', 'accumulate', toggleShare * additions * productBits);
  }
  // Every slot is read and cleared once a window, in every lane, and summed over the lanes.
  const terms = core === 'dense' ? 1 : lanes;
  const slots = activity.windows * layer.slots.length;
  ledger.add('lutram-bit', 'accumulate', 2 * slots * terms * layer.sumBits);
  ledger.add('lut-toggle', 'accumulate', toggleShare * slots * terms * layer.sumBits);
  ledger.add('ff-toggle', 'accumulate', toggleShare * slots * terms * layer.sumBits);
}

/** Every beat is written into the store of every lane of every engine; every issue reads one word. */
function countStore(
  ledger: Ledger,
  layer: EngineLayerPlan,
  { activity, beatsIn, oneCopyCycles }: LayerCircumstances,
): void {
  const { engines, lanes, queues } = layer.choice;
  // the one store of a wired layer gives a column a step
  const wired = layer.wired !== undefined;
  const ports = wired ? lanes : engines * lanes;
  const reads = wired ? lanes * activity.steps : queues > 0 ? activity.steps : activity.issues;
  const width = layer.input.tokensPerBeat * layer.input.tokenBits;
  ledger.access('activations', {
    kind: memoryKind(present(layer.parameters['BlockStore'], 'BlockStore')),
    reads,
    writes: (beatsIn[0] ?? 0) * ports,
    width,
    cycles: ports * oneCopyCycles,
  });
}

/**
 * Comparisons of a value in the tail: by insertion with all winners; the histogram adds to one bin, other
 * tails test for 0; selection counts each bit, keeps or drops the slot, and compares with the K-th at the
 * end. Only the unit of its group counts a value.
 */
function comparisons(tail: TailPlan): number {
  if (tail.kind === 'insert') return tail.winners;
  return tail.kind === 'select' ? 4 : 2;
}

function countTail(ledger: Ledger, layer: EngineLayerPlan, { activity }: LayerCircumstances): void {
  const pooled = layer.window.pool.height * layer.window.pool.width;
  const values = (activity.windows / pooled) * layer.slots.length;
  // wired sums are pooled in registers
  if (pooled > 1 && layer.wired === undefined) {
    const visits = activity.windows * layer.slots.length;
    ledger.add('lutram-bit', 'activations', 2 * visits * layer.sumBits);
    ledger.add('lut-toggle', 'activations', toggleShare * visits * layer.sumBits);
  }
  if (layer.kind === 'window' && layer.tail.kind !== 'logits') {
    ledger.add('multiply-dsp-wide', 'activations', values);
    ledger.add(
      'lut-toggle',
      'activations',
      toggleShare * values * comparisons(layer.tail) * layer.output.valueBits,
    );
    if (layer.tail.kind === 'select') {
      // a level of every bit: slot and bit wait for the last beat, then for the winners
      const waits = 2 * (layer.drainBeats + 1) + 4;
      ledger.add('ff-toggle', 'activations', toggleShare * values * layer.output.valueBits * waits);
    }
  }
  ledger.add(
    'ff-toggle',
    'activations',
    toggleShare * values * (layer.sumBits + layer.output.valueBits),
  );
}
