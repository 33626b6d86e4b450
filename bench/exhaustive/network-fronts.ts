import { present } from '../../src/base/invariant.ts';
import { add, nothing } from '../../src/plan/resources/share.ts';
import type { Folding, LayerFront, NetworkFoldings } from './layer-fronts.ts';
import { paretoFront } from './pareto.ts';
import type { Cost } from './pareto.ts';

/** Foldings of all layers together, by layer. */
export interface Combination extends Cost {
  readonly foldings: readonly Folding[];
}

/** The combinations between two widths of the network's ports. */
export interface NetworkFront {
  readonly inputTokens: number;
  readonly answerWords: number;
  /** Combinations there are. */
  readonly count: number;
  /** Those that no other one beats. */
  readonly combinations: readonly Combination[];
}

/**
 * Combinations of the foldings of a chain that no other one beats, for every pair of widths at its ports.
 * Resources add up and the slowest layer decides, so that what is beaten within a layer, or within the first
 * few layers up to a stream of the same width, is beaten in the whole network as well.
 */
export function networkFronts({ fronts }: NetworkFoldings): readonly NetworkFront[] {
  const first = present(fronts[0], 'a layer');
  const inputs = [...new Set(first.map(({ inputTokens }) => inputTokens))];
  return inputs.flatMap((inputTokens) => {
    const empty = { interval: 0, resources: nothing, foldings: [] };
    let reached: readonly NetworkFront[] = [
      { inputTokens, answerWords: inputTokens, count: 1, combinations: [empty] },
    ];
    for (const layer of fronts) reached = withLayer(reached, layer);
    return reached;
  });
}

/** One more layer behind those that are reached; `answerWords` is the width of what leaves it. */
function withLayer(
  reached: readonly NetworkFront[],
  layer: readonly LayerFront[],
): readonly NetworkFront[] {
  const widths = [...new Set(layer.map(({ outputTokens }) => outputTokens))];
  return widths.map((answerWords) => {
    let count = 0;
    const combinations: Combination[] = [];
    for (const before of reached) {
      for (const next of layer) {
        if (next.inputTokens !== before.answerWords || next.outputTokens !== answerWords) continue;
        count += before.count * next.count;
        for (const combination of before.combinations) {
          for (const folding of next.foldings) combinations.push(joined(combination, folding));
        }
      }
    }
    const { inputTokens } = present(reached[0], 'layers before');
    return { inputTokens, answerWords, count, combinations: paretoFront(combinations) };
  });
}

function joined(before: Combination, folding: Folding): Combination {
  return {
    interval: Math.max(before.interval, folding.interval),
    resources: add(before.resources, folding.resources),
    foldings: [...before.foldings, folding],
  };
}
