import { ceilDivide, ceilLog2, indexBits } from '../../base/bits.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import type { Plan } from '../../ir/plan.ts';
import { amount, rounded, sum, times } from './amount.ts';
import { layerResources, siteMerge, streamRegister } from './layer-resources.ts';
import { lutMemory, selectLuts } from './memories.ts';

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
export type PlannedHardware = Pick<Plan, 'copies' | 'input' | 'output' | 'layers'>;

/** token_fifo and beat_splitter in front of a copy's first layer. */
function copyInput(plan: PlannedHardware, family: BoardFamily): Resources {
  const { beatBits, fifoDepth, partsPerBeat, streamBeats, stream } = plan.input;
  const pointer = ceilLog2(fifoDepth);
  const counters =
    indexBits(streamBeats) + (partsPerBeat > 1 ? ceilLog2(partsPerBeat) : 0) + stream.maximumBeats;
  const partBits = stream.tokensPerBeat * stream.tokenBits;
  return amount({
    lut:
      lutMemory(family, beatBits, fifoDepth) +
      4 * pointer +
      8 +
      partBits * selectLuts(partsPerBeat) +
      2 * counters,
    ff: 2 * pointer + 2 + counters,
  });
}

/** FPGA resources of a plan, as Yosys maps the emitted design. */
export function planResources(plan: PlannedHardware, family: BoardFamily): PlanResources {
  const byLayer = plan.layers.map((layer) => ({
    name: layer.name,
    resources: layerResources(layer, family),
  }));
  const perCopy = rounded(
    sum([copyInput(plan, family), ...byLayer.map(({ resources }) => resources)]),
  );
  const { copies } = plan;
  const turns =
    copies > 1 ? amount({ lut: copies + ceilDivide(copies, 3), ff: copies }) : amount({});
  const shared = rounded(
    sum([
      streamRegister(1 + plan.input.beatBits),
      turns,
      siteMerge(copies, 1 + plan.output.beatBits),
      streamRegister(1 + plan.output.beatBits),
    ]),
  );
  return { perCopy, shared, total: sum([times(copies, perCopy), shared]), byLayer };
}
