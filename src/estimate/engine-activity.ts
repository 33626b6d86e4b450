import { ceilDivide } from '../base/bits.ts';
import { present } from '../base/invariant.ts';
import type { ScheduledGraph } from '../ir/adder-graph.ts';
import type { EngineLayerPlan, Plan } from '../ir/plan.ts';
import type { BoardFamily } from '../ir/board.ts';
import { memoryKind } from '../plan/memories/memory-kinds.ts';
import { adderTree, multiplierDsps } from '../plan/resources/datapath.ts';
import { registerBits } from '../plan/wired/schedule-graph.ts';
import { graphAdders } from '../plan/wired/offset-form.ts';
import type { LayerActivityCounts, LayerCircumstances, LayerZeros } from './circumstances.ts';
import { toggleShare, toggleShareOf } from './circumstances.ts';
import type { Ledger } from './ledger.ts';
import { countTail } from './tail-activity.ts';

/** Flip-flops and LUTs that change when a lane goes to its next token: counters and addresses. */
export const laneControlBits = 24;
/** Registers that the address of a sum passes beside its product. */
const sumAddressRegisters = 3;
/** Bits of LUTs that an 8-bit product has. */
const lutProductBits = 64;

/** Everything a layer of engines, or a wired one, does but for its clock and its output. */
export function countEngines(
  ledger: Ledger,
  plan: Plan,
  layer: EngineLayerPlan,
  circumstances: LayerCircumstances,
): void {
  if (layer.wired !== undefined) {
    countAdditions(ledger, layer, layer.wired, circumstances);
    countStore(ledger, layer, circumstances);
    countTail(ledger, plan, layer, circumstances);
    return;
  }
  if (layer.kind === 'window') {
    countMultiplies(ledger, layer, circumstances);
    countWeights(ledger, plan, layer, circumstances);
    countQueues(ledger, plan, layer, circumstances);
  }
  countSums(ledger, layer, circumstances);
  countOwners(ledger, plan, layer, circumstances);
  countStore(ledger, layer, circumstances);
  countTail(ledger, plan, layer, circumstances);
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
  ledger.add('lut-toggle', 'multiply', toggleShare * steps * graphAdders(graph));
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

function countMultiplies(
  ledger: Ledger,
  layer: EngineLayerPlan,
  { activity, zeros, oneCopyCycles, board, resources }: LayerCircumstances,
): void {
  const products = productsMade(layer, activity);
  const density = productDensity(layer, activity, zeros);
  const { core, setsParallel } = layer.choice;
  const shares = core === 'dense' || layer.parameters['PairWeights'] === 1;
  const paired = shares && board.int8ProductsPerDsp >= 2;
  // an odd set is alone in its block
  const blocksOfProducts = paired ? Math.ceil(setsParallel / 2) / setsParallel : 1;
  const operations = products * blocksOfProducts;
  const blocks = blocksOfProduct(layer, board.family);
  if (blocks === 0) {
    const size = (layer.weightBits * operandBitsOf(layer)) / lutProductBits;
    ledger.add('multiply-lut', 'multiply', products * size * activityOf(density));
  } else {
    const event = paired ? 'multiply-dsp-wide' : 'multiply-dsp';
    // a block of two products rests where both are 0
    const working = activityOf(paired ? 1 - (1 - density) ** 2 : density);
    const busy = operations * blocks * working;
    ledger.add(event, 'multiply', busy);
    const all = Math.min(resources.dsp, layer.multipliers * blocksOfProducts * blocks);
    ledger.add('dsp-idle-cycle', 'multiply', all * oneCopyCycles - busy);
  }
  // Operand registers outside the multiplier block.
  const toggles =
    layer.weightBits * toggleShareOf(zeros.weights) +
    layer.input.valueBits * toggleShareOf(zeros.values);
  ledger.add('ff-toggle', 'multiply', toggles * operations);
}

/** Share of the products made that are not 0. */
function productDensity(
  layer: EngineLayerPlan,
  activity: LayerActivityCounts,
  { usefulProducts }: LayerZeros,
): number {
  const made = productsMade(layer, activity);
  return made === 0 ? 0 : Math.min(1, usefulProducts / made);
}

/** What a unit does whose results are random in a share of its cycles, against one whose always are. */
function activityOf(density: number): number {
  return toggleShareOf(density) / toggleShare;
}

/** Bits that change in a tree of additions over terms of which a share is random, the others 0. */
function treeToggles(
  terms: number,
  termBits: number,
  density: number,
): { readonly lut: number; readonly ff: number } {
  let [lut, ff] = [0, 0];
  let [bits, zero] = [termBits, 1 - density];
  for (let left = terms; left > 1; left = ceilDivide(left, 2)) {
    bits += 1;
    // a sum is 0 where both of its terms are
    zero **= 2;
    const share = toggleShareOf(1 - zero);
    lut += share * Math.floor(left / 2) * bits;
    ff += share * ceilDivide(left, 2) * bits;
  }
  return { lut, ff };
}

/** Bits of an activation as the multiplier takes it: always with a sign. */
function operandBitsOf({ input }: EngineLayerPlan): number {
  return input.valueBits + (input.valueSigned ? 0 : 1);
}

/** Multiplier blocks that make one product, or two that share them; 0: it is made in LUTs. */
function blocksOfProduct(layer: EngineLayerPlan, family: BoardFamily): number {
  const { weightBits, input, parameters } = layer;
  const dense = layer.choice.core === 'dense';
  const pairBits = 2 * weightBits + input.valueBits;
  const paired = dense || parameters['PairWeights'] === 1;
  const packed = paired ? pairBits + (dense ? 1 : 0) : weightBits;
  return multiplierDsps(family, packed, operandBitsOf(layer));
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
  const { widthBits: width, depth } = memory;
  const cycles = instances * oneCopyCycles;
  ledger.access('weights', { kind, reads, writes: 0, width, depth, cycles });
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
    depth: memory.depth,
    cycles: engines * lanes * oneCopyCycles,
  });
  const entryBits = memory.widthBits / queues + layer.input.valueBits;
  const passed = Math.min(activity.issues, activity.steps * queues);
  ledger.add('lutram-bit', 'control', 2 * passed * entryBits);
  ledger.add('ff-toggle', 'control', toggleShare * activity.issues * entryBits);
  ledger.add('lut-toggle', 'control', toggleShare * activity.issues * entryBits);
}

/**
 * Sums of a lane have the bits that its own products need; the tree that adds those of all lanes grows a
 * bit a level. With a sum its two flags are read, that of the accumulating side is written.
 */
function countSums(
  ledger: Ledger,
  layer: EngineLayerPlan,
  { activity, zeros }: LayerCircumstances,
): void {
  const { core, lanes, values } = layer.choice;
  const parameter = (name: string): number => present(layer.parameters[name], name);
  const laneBits = parameter('LaneSumBits');
  const words = wordReads(layer, activity);
  // a lane of a max-pool changes the channels it got; others a sum of every set
  const updates = words * (core === 'max' ? values : setsOfWord(layer));
  ledger.add('lutram-bit', 'accumulate', updates * (2 * (laneBits + 1) + 1));
  ledger.add('lut-toggle', 'accumulate', toggleShare * updates * laneBits);
  if (core === 'sparse') {
    const addressBits = sumAddressRegisters * parameter('SumAddressBits');
    ledger.add('ff-toggle', 'accumulate', toggleShare * updates * addressBits);
  }
  if (core === 'dense') {
    const productBits = layer.weightBits + layer.input.valueBits;
    const density = productDensity(layer, activity, zeros);
    const tree = treeToggles(lanes * values, productBits, density);
    ledger.add('lut-toggle', 'accumulate', updates * tree.lut);
    ledger.add('ff-toggle', 'accumulate', updates * tree.ff);
  }
  // Every slot is read once a window, in every lane, its flag written, and summed over the lanes.
  const terms = core === 'dense' ? 1 : lanes;
  const slots = activity.windows * layer.slots.length;
  const tree = adderTree(terms, laneBits, core === 'max' ? laneBits : layer.sumBits);
  ledger.add('lutram-bit', 'accumulate', slots * terms * (laneBits + 3));
  ledger.add('lut-toggle', 'accumulate', toggleShare * slots * tree.lut);
  ledger.add('ff-toggle', 'accumulate', toggleShare * slots * (terms * laneBits + tree.ff));
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
  const kind = memoryKind(present(layer.parameters['BlockStore'], 'BlockStore'));
  // block memory has its output register inside
  if (kind === 'logic') ledger.add('ff-toggle', 'activations', toggleShare * reads * width);
  ledger.access('activations', {
    kind,
    reads,
    writes: (beatsIn[0] ?? 0) * ports,
    width,
    depth: 2 ** present(layer.parameters['AddressBits'], 'AddressBits'),
    cycles: ports * oneCopyCycles,
  });
}

/** Lanes that share the channels look up whose each token of a beat is. */
function countOwners(
  ledger: Ledger,
  plan: Plan,
  layer: EngineLayerPlan,
  { beatsIn, oneCopyCycles }: LayerCircumstances,
): void {
  for (const { purpose, layer: name, memory, widthBits, depth, instances } of plan.memories) {
    if (name !== layer.name || purpose !== 'turns') continue;
    ledger.access('activations', {
      kind: memory,
      reads: (beatsIn[0] ?? 0) * instances,
      writes: 0,
      width: widthBits,
      depth,
      cycles: instances * oneCopyCycles,
    });
  }
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
