import type { Board } from '../../../src/ir/board.ts';
import { runIcarusWith } from '../icarus.ts';
import type { IcarusOptions } from '../icarus.ts';
import type { DrawnNetwork } from './draw-network.ts';
import { drawNetwork } from './draw-network.ts';
import { beyondFloatBound } from './float-bound.ts';
import { possibleReductions } from './reductions.ts';
import type { Reduction } from './reductions.ts';

/** What is wrong with a network; kinds are what shrinking must keep. */
export interface Failure {
  readonly kind: 'float' | 'words' | 'cycles' | 'words with gaps' | 'run';
  readonly message: string;
}

/**
 * Compares float, integers, cycle model and RTL (in Icarus: without gaps, and with random gaps of
 * the input and back-pressure by the seed). Null where all agree.
 */
export function checkNetwork(
  seed: number,
  drawn: DrawnNetwork,
  reductions: readonly Reduction[] = [],
  options: Pick<IcarusOptions, 'replaced' | 'timeoutMilliseconds'> = {},
): Failure | null {
  const { float, graph, network, samples, evaluations, words, prediction } = drawn;
  if (float !== null) {
    const message = beyondFloatBound(float, graph, samples, evaluations);
    if (message !== null) return { kind: 'float', message };
  }
  const predicted = Array.from(prediction.completions);
  const stalls = reductions.includes('no-gaps') ? [null] : [null, seed];
  try {
    const [plain, stalled] = runIcarusWith(network, samples, stalls, options);
    if (plain === undefined) throw new Error('a run');
    return (
      difference('words', words, plain.words) ??
      difference('cycles', predicted, plain.lastCycles) ??
      (stalled === undefined ? null : difference('words with gaps', words, stalled.words))
    );
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'run', message: message.slice(0, 400) };
  }
}

function difference(
  kind: Failure['kind'],
  expected: readonly number[],
  got: readonly number[],
): Failure | null {
  const at = expected.findIndex((value, index) => value !== got[index]);
  if (at < 0 && expected.length === got.length) return null;
  const place = at < 0 ? Math.min(expected.length, got.length) : at;
  const wrong = expected.filter((value, index) => value !== got[index]).length;
  const message =
    `${wrong} of ${expected.length} differ, the first is number ${place}: ` +
    `${expected[place] ?? 'nothing'} expected, got ${got[place] ?? 'nothing'}`;
  return { kind, message };
}

/**
 * Takes away from a network that fails whatever leaves it failing in the same way, until nothing more
 * can be taken away.
 */
export function shrinkNetwork(
  seed: number,
  board: Board,
  failure: Failure,
  check: (
    seed: number,
    drawn: DrawnNetwork,
    reductions: readonly Reduction[],
  ) => Failure | null = checkNetwork,
): { readonly reductions: readonly Reduction[]; readonly drawn: DrawnNetwork } {
  let reductions: readonly Reduction[] = [];
  let drawn = drawNetwork(seed, board);
  for (let before = -1; before !== reductions.length;) {
    before = reductions.length;
    const candidates = possibleReductions(drawn.graph.layers.length, drawn.samples.length);
    for (const candidate of candidates) {
      if (reductions.includes(candidate)) continue;
      const tried = [...reductions, candidate];
      const smaller = attempt(() => drawNetwork(seed, board, tried));
      if (smaller === null || !isSmaller(smaller, drawn, candidate)) continue;
      if (check(seed, smaller, tried)?.kind !== failure.kind) continue;
      reductions = tried;
      drawn = smaller;
      break;
    }
  }
  return { reductions, drawn };
}

/** Whether something was taken away at all. */
function isSmaller(smaller: DrawnNetwork, drawn: DrawnNetwork, candidate: Reduction): boolean {
  if (candidate === 'no-gaps') return true;
  const facts = ({ graph, choice, samples }: DrawnNetwork): string =>
    JSON.stringify([
      choice,
      samples.map((sample) => [...sample]),
      graph.layers.map((layer) =>
        layer.kind === 'window' ? [layer.name, [...layer.weights], [...layer.bias]] : layer.name,
      ),
    ]);
  return facts(smaller) !== facts(drawn);
}

function attempt<Value>(work: () => Value): Value | null {
  try {
    return work();
  } catch {
    return null;
  }
}
