import { ceilDivide, ceilLog2, indexBits } from '../../base/bits.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import { hasEngines, inputStreamsOf } from '../../ir/plan.ts';
import type { LayerPlan, Plan } from '../../ir/plan.ts';
import { amount, rounded, sum, times } from './amount.ts';
import { inFamily } from './family-facts.ts';
import { edgeFifo, fork, joinResources } from './joins.ts';
import { layerResources, siteMerge, streamRegister } from './layer-resources.ts';
import { loaderResources } from './loading.ts';
import { selectLuts, smallMemory } from './memories.ts';
import { weightStreamResources } from './weight-stream.ts';

/** Resources of a plan and where they go. */
export interface PlanResources {
  /** One copy of the network with its input buffer. */
  readonly perCopy: Resources;
  /** What all copies share: register slices, distributor, merge. */
  readonly shared: Resources;
  /** The whole design. */
  readonly total: Resources;
  /** Layers of one copy. */
  readonly byLayer: readonly { readonly name: string; readonly resources: Resources }[];
}

/** What the resource model needs of a plan. */
export type PlannedHardware = Pick<
  Plan,
  'copies' | 'input' | 'output' | 'layers' | 'memories' | 'load' | 'weightStream'
>;

/** token_fifo and beat_splitter in front of a copy's first layer. */
function copyInput(plan: Pick<Plan, 'input'>, family: BoardFamily): Resources {
  const { beatBits, fifoDepth, partsPerBeat, streamBeats, stream } = plan.input;
  const pointer = ceilLog2(fifoDepth);
  const counters =
    indexBits(streamBeats) + (partsPerBeat > 1 ? ceilLog2(partsPerBeat) : 0) + stream.maximumBeats;
  const partBits = stream.tokensPerBeat * stream.tokenBits;
  const rest = amount({
    lut: 4 * pointer + 8 + partBits * selectLuts(partsPerBeat) + 2 * counters,
    ff: 2 * pointer + 2 + counters,
  });
  return sum([smallMemory(family, beatBits, fifoDepth), rest]);
}

/** FIFOs in front of the answers and the merge that puts several in order. */
function answerResources(plan: PlannedHardware, family: BoardFamily): readonly Resources[] {
  const { answers, beatBits } = plan.output;
  const fifos = answers.map(({ edge }) => {
    const layer = plan.layers[edge.from];
    return layer === undefined ? amount({}) : edgeFifo(edge, layer.output, family);
  });
  return [...fifos, siteMerge(answers.length, 1 + beatBits)];
}

/** A layer with its register slice behind, as `layerResources` where it has engines. */
export function unitResources(layer: LayerPlan, family: BoardFamily): Resources {
  if (hasEngines(layer)) return layerResources(layer, family);
  const { countBits, tokensPerBeat, tokenBits } = layer.output;
  const bits = countBits + tokensPerBeat * tokenBits;
  return inFamily(family, sum([joinResources(layer, family), streamRegister(1 + bits)]));
}

/** A layer with what stands around it: its FIFOs in front, register slice and fork behind. */
export function stageResources(
  layer: LayerPlan,
  family: BoardFamily,
  unit = unitResources(layer, family),
): Resources {
  const fifos = inputStreamsOf(layer).map((stream, input) => {
    const edge = layer.inputs[input];
    return edge === undefined ? amount({}) : edgeFifo(edge, stream, family);
  });
  return rounded(sum([unit, inFamily(family, sum([...fifos, fork(layer.readers)]))]));
}

/** Register slices, distributor and merge at the ports that all copies share. */
function sharedPorts(copies: number, inputBits: number, outputBits: number): readonly Resources[] {
  const turns =
    copies > 1 ? amount({ lut: copies + ceilDivide(copies, 3), ff: copies }) : amount({});
  return [
    streamRegister(1 + inputBits),
    turns,
    siteMerge(copies, 1 + outputBits),
    streamRegister(1 + outputBits),
  ];
}

/** What stands around the layers of so many copies, without FIFOs in front of several answers. */
export function portResources(
  plan: Pick<Plan, 'copies' | 'input'> & { readonly answers: number; readonly outputBits: number },
  family: BoardFamily,
): Resources {
  const { copies, input, answers, outputBits } = plan;
  const perCopy = sum([
    copyInput(plan, family),
    fork(input.readers),
    siteMerge(answers, 1 + outputBits),
  ]);
  const shared = sum(sharedPorts(copies, input.beatBits, outputBits));
  return inFamily(family, sum([times(copies, perCopy), shared]));
}

/** FPGA resources of a plan, as Yosys maps the emitted design. */
export function planResources(plan: PlannedHardware, family: BoardFamily): PlanResources {
  const byLayer = plan.layers.map((layer) => ({
    name: layer.name,
    resources: stageResources(layer, family),
  }));
  const around = sum([
    copyInput(plan, family),
    fork(plan.input.readers),
    ...answerResources(plan, family),
  ]);
  const layers = byLayer.map(({ resources }) => resources);
  const perCopy = rounded(sum([inFamily(family, around), ...layers]));
  const { copies } = plan;
  const ports = sum([
    ...sharedPorts(copies, plan.input.beatBits, plan.output.beatBits),
    loaderResources(plan),
    weightStreamResources(plan, family),
  ]);
  const shared = rounded(inFamily(family, ports));
  return { perCopy, shared, total: sum([times(copies, perCopy), shared]), byLayer };
}
