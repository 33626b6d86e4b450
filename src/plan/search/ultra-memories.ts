import { present } from '../../base/invariant.ts';
import type { BoardFamily, Resources } from '../../ir/board.ts';
import type { EngineLayerPlan, JoinChoice, LayerChoice } from '../../ir/plan.ts';
import { blockKind, memoryKind } from '../memories/memory-kinds.ts';
import { layerResources } from '../resources/layer-resources.ts';
import { add, fillOf } from '../resources/share.ts';

/** The memories of a layer that may lie in UltraRAM. */
const ultraChoices = ['ultraWeights', 'ultraStore'] as const satisfies (keyof LayerChoice)[];
type UltraChoice = (typeof ultraChoices)[number];

const parameterOf: Readonly<Record<UltraChoice, string>> = {
  ultraWeights: 'BlockWeights',
  ultraStore: 'BlockStore',
};

/** What a memory in UltraRAM instead of block memory changes of a layer's resources. */
export interface UltraExchange {
  readonly memory: UltraChoice;
  /** Below 0 where it takes less. */
  readonly change: Resources;
}

/** The layer with a memory in UltraRAM. */
function inUltra(layer: EngineLayerPlan, memory: UltraChoice): EngineLayerPlan {
  return {
    ...layer,
    choice: { ...layer.choice, [memory]: true },
    parameters: { ...layer.parameters, [parameterOf[memory]]: blockKind(true, true) },
  };
}

/**
 * What could move from block memory to UltraRAM in a layer: its store, and its weights where they
 * are loaded, since UltraRAM has no initial contents. `resources`: `layerResources` of it as it is.
 */
export function ultraExchanges(
  layer: EngineLayerPlan,
  family: BoardFamily,
  resources = layerResources(layer, family),
): readonly UltraExchange[] {
  return ultraChoices.flatMap((memory): readonly UltraExchange[] => {
    const kind = memoryKind(layer.parameters[parameterOf[memory]] ?? 0);
    const loaded = layer.parameters['LoadBits'] !== undefined;
    if (kind !== 'block' || (memory === 'ultraWeights' && !loaded)) return [];
    const moved = layerResources(inUltra(layer, memory), family);
    return [{ memory, change: difference(moved, resources) }];
  });
}

function difference(moved: Resources, resources: Resources): Resources {
  return {
    lut: moved.lut - resources.lut,
    ff: moved.ff - resources.ff,
    bram36: moved.bram36 - resources.bram36,
    uram: moved.uram - resources.uram,
    dsp: moved.dsp - resources.dsp,
  };
}

/** The choice of a layer, and what of it could move. */
export interface ExchangeableChoice {
  readonly choice: LayerChoice | JoinChoice;
  readonly exchanges: readonly UltraExchange[];
}

/**
 * Moves memories to UltraRAM while block memory is what a design has least of: first those that free
 * most block memory for a block of UltraRAM. `resources`: of all layers as they are. Reading
 * UltraRAM takes more energy, so nothing moves that need not.
 */
export function exchangeMemories(
  layers: readonly ExchangeableChoice[],
  resources: Resources,
  budget: Resources,
): {
  readonly choices: readonly (LayerChoice | JoinChoice)[];
  readonly resources: Resources;
} {
  const offers = layers.flatMap(({ exchanges }, index) =>
    exchanges.map((exchange) => ({ ...exchange, index })),
  );
  const gain = ({ bram36, uram }: Resources): number => -bram36 / Math.max(1, uram);
  offers.sort((left, right) => gain(right.change) - gain(left.change) || left.index - right.index);
  const choices = layers.map(({ choice }) => choice);
  let total = resources;
  for (const { memory, change, index } of offers) {
    const { kind, share } = fillOf(total, budget);
    if (kind !== 'bram36') break;
    const after = add(total, change);
    if (fillOf(after, budget).share >= share) continue;
    const choice = present(choices[index], 'a layer');
    if (choice.core === 'join') continue;
    choices[index] = { ...choice, [memory]: true };
    total = after;
  }
  return { choices, resources: total };
}
