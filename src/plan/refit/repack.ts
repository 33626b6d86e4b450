import type { KernelSet, Packing } from '../../ir/packing.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import type { VariantName } from '../../ir/variant.ts';
import { measureDepth, packingEfficiency } from '../../pack/check-packing.ts';
import { packingsByDepth } from '../../pack/pack-kernels.ts';
import { packingProblem, packStructure } from '../lower/packing-of-layer.ts';

/**
 * Packs a layer into the sets that planned hardware has: as many sets, kernels a set and words an
 * index, none left out. Masks that fit the kernels' old places keep them. Null where no packing
 * was found.
 */
export function repackLayer(
  layer: QuantizedWindow,
  plan: EngineLayerPlan,
  variant: VariantName,
): Packing | null {
  if (variant === 'dense') {
    const packing = packStructure(layer);
    return intoShape(packing.sets, packing.efficiency, plan);
  }
  const problem = packingProblem(layer);
  const same = setsOf(plan);
  const efficiency = (sets: number): number =>
    packingEfficiency(problem, { sets, depth: plan.depth });
  if (
    measureDepth(
      problem,
      same.map(({ channels }) => channels),
    ) <= plan.depth
  ) {
    return intoShape(same, efficiency(same.length), plan);
  }
  const limits = { setSize: plan.setSize, depthLimit: plan.depth };
  const found = packingsByDepth({ ...problem, ...limits }).find(({ sets, depth, setSize }) => {
    return sets.length <= plan.sets && depth <= plan.depth && setSize <= plan.setSize;
  });
  return found === undefined ? null : intoShape(found.sets, efficiency(found.sets.length), plan);
}

/** The sets of a plan, without those that only fill up a fold. */
function setsOf({ slots, choice, setSize, folds }: EngineLayerPlan): readonly KernelSet[] {
  const { setsParallel } = choice;
  const sets = Array.from({ length: folds * setsParallel }, (_, set): KernelSet => {
    const fold = Math.floor(set / setsParallel);
    const channels = Array.from({ length: setSize }, (__, kid) => {
      return slots[(fold * setSize + kid) * setsParallel + (set % setsParallel)] ?? -1;
    });
    return { channels: channels.filter((channel) => channel >= 0) };
  });
  return sets.filter(({ channels }) => channels.length > 0);
}

function intoShape(
  sets: readonly KernelSet[],
  efficiency: number,
  { name, choice, folds, setSize, depth }: EngineLayerPlan,
): Packing {
  // as many folds as the plan has, even where fewer sets would do
  const fewest = (folds - 1) * choice.setsParallel + 1;
  const padding = Array.from({ length: Math.max(0, fewest - sets.length) }, (): KernelSet => {
    return { channels: [] };
  });
  return {
    layer: name,
    sets: [...sets, ...padding],
    setSize,
    depth,
    efficiency,
    complementary: depth <= 1,
  };
}
