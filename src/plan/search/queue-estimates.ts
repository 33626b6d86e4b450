import type { KernelSet, Packing } from '../../ir/packing.ts';
import type { LayerChoice } from '../../ir/plan.ts';

/** Words of the busiest queue of a lane over the mean, as the packer evens them out. */
const unevenness = 1.04;

/** Mean of the largest of `count` Poisson numbers over their mean. */
export function largestOverMean(mean: number, count: number): number {
  if (count === 1 || mean <= 0) return 1;
  let term = Math.exp(-mean);
  let below = term;
  let largest = 0;
  // E[max] = sum over n of P(max > n)
  for (let number = 0; number < mean + 12 * Math.sqrt(mean) + 20; number += 1) {
    largest += 1 - below ** count;
    term *= mean / (number + 1);
    below = Math.min(1, below + term);
  }
  return largest / mean;
}

/** Sets in groups of `share` that read the same words, dealt out over lanes. */
interface QueueFolding {
  readonly sets: number;
  readonly share: number;
  readonly lanes: number;
}

/** Indices with as many non-zero weights as each other. */
interface Column {
  readonly weights: number;
  /** How many there are, and the sum of their activities. */
  readonly indices: number;
  readonly activity: number;
}

/**
 * What packings for queues come to, told from how many weights every input index has, as though
 * they were dealt out by chance. A search asks for thousands of foldings; what it finds is
 * packed in earnest.
 */
export class QueueEstimates {
  readonly #layer: string;
  readonly #outputs: number;
  readonly #columns: readonly Column[];
  readonly #nonZeros: number;
  readonly #setsDealt = new Map<number, readonly KernelSet[]>();
  readonly #known = new Map<string, { readonly read: number; readonly held: number }>();

  /** `weights` as `[output][index]`, `activity` by index (`indexActivity`). */
  constructor(layer: string, weights: ArrayLike<number>, activity: Float64Array) {
    const counts = new Uint16Array(activity.length);
    for (let at = 0; at < weights.length; at += 1) {
      if (weights[at] !== 0) counts[at % counts.length] = (counts[at % counts.length] ?? 0) + 1;
    }
    const columns = new Map<number, { indices: number; activity: number }>();
    counts.forEach((count, index) => {
      if (count === 0) return;
      const column = columns.get(count) ?? { indices: 0, activity: 0 };
      column.indices += 1;
      column.activity += activity[index] ?? 0;
      columns.set(count, column);
    });
    this.#layer = layer;
    this.#outputs = weights.length / activity.length;
    this.#columns = Array.from(columns, ([count, column]) => ({ weights: count, ...column }));
    this.#nonZeros = counts.reduce((sum, count) => sum + count, 0);
  }

  /** Words that the busiest queue of a lane reads for a window. */
  windowWords(folding: QueueFolding): number {
    return (unevenness * this.#words(folding).read) / folding.lanes;
  }

  /** A packing with the numbers of one, kernels dealt in order, without words. */
  packing(choice: LayerChoice): Packing {
    const { setsParallel: sets, queues, lanes } = choice;
    const share = sets / queues;
    const { held } = this.#words({ sets, share, lanes });
    const setSize = Math.ceil(this.#outputs / sets);
    const fullest = this.#columns.reduce((most, { weights }) => Math.max(most, weights), 0) / sets;
    return {
      layer: this.#layer,
      sets: this.#dealt(sets, setSize),
      setSize,
      depth: Math.max(1, Math.min(setSize, Math.ceil(fullest + 3.5 * Math.sqrt(fullest) + 1))),
      efficiency: held === 0 ? 0 : this.#nonZeros / (sets * held),
      complementary: false,
      queues: {
        words: Array.from({ length: queues }, () => new Uint16Array(0)),
        lanes,
        windowWords: this.windowWords({ sets, share, lanes }),
        laneWords: Math.max(1, Math.ceil((unevenness * held) / lanes)),
      },
    };
  }

  /** Kernels in order, the same object for as many sets. */
  #dealt(sets: number, setSize: number): readonly KernelSet[] {
    const known = this.#setsDealt.get(sets);
    if (known !== undefined) return known;
    const dealt = Array.from({ length: sets }, (_, set): KernelSet => {
      const channels = Array.from({ length: setSize }, (_each, kid) => set * setSize + kid);
      return { channels: channels.filter((channel) => channel < this.#outputs) };
    });
    this.#setsDealt.set(sets, dealt);
    return dealt;
  }

  /** Words of a queue in all lanes: read for a window, and held. */
  #words({ sets, share }: QueueFolding): { readonly read: number; readonly held: number } {
    const key = `${sets} ${share}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    let read = 0;
    let held = 0;
    for (const { weights, indices, activity } of this.#columns) {
      const mean = weights / sets;
      const largest = mean * largestOverMean(mean, share);
      read += activity * largest;
      held += indices * largest;
    }
    const words = { read, held };
    this.#known.set(key, words);
    return words;
  }
}
