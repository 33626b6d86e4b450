import { readBoard } from '../../src/read/board.ts';
import { checkNetwork, shrinkNetwork } from '../../test/support/random-network/check-network.ts';
import type { Failure } from '../../test/support/random-network/check-network.ts';
import { drawNetwork } from '../../test/support/random-network/draw-network.ts';
import type { DrawnNetwork } from '../../test/support/random-network/draw-network.ts';
import { boardOfRandomNetworks } from '../../test/support/random-network/board.ts';
import type { Reduction } from '../../test/support/random-network/reductions.ts';
import { checkInVerilator } from '../../test/support/random-network/verilator.ts';

interface Part {
  readonly count: number;
  readonly seed: number;
  /** This process takes every `parts`-th network, from number `part` on. */
  readonly part: number;
  readonly parts: number;
}

/** One network of so many is built with Verilator as well. */
const verilatorEach = 250;

/** Checks its share of the networks: a line of JSON for each, and text for what fails. */
export async function verifyPart({ count, seed: first, part, parts }: Part): Promise<void> {
  const board = await readBoard(boardOfRandomNetworks);
  for (let at = part; at < count; at += parts) {
    const seed = first + at;
    const drawn = drawNetwork(seed, board);
    const inVerilator = at % verilatorEach === verilatorEach - 1;
    const failure =
      checkNetwork(seed, drawn) ?? (inVerilator ? await checkInVerilator(seed, drawn) : null);
    if (failure !== null) {
      console.log(describe(seed, [], drawn, failure));
      const { reductions, drawn: smaller } = shrinkNetwork(seed, board, failure);
      console.log(`  at its smallest: ${describe(seed, reductions, smaller, failure)}`);
      const what = reductions.length === 0 ? '' : ` ${reductions.join(',')}`;
      console.log(`  npm run verify:random-networks -- repeat ${seed}${what}`);
    }
    const { kind, variant, words, evaluations, network } = drawn;
    const facts = {
      kind: `${kind}, ${variant}`,
      networks: 1,
      layers: network.plan.layers.length,
      words: 2 * words.length,
      cycles: evaluations.length,
      verilator: Number(inVerilator),
      failures: Number(failure !== null),
    };
    console.log(JSON.stringify(facts));
  }
}

/** Checks one network again. The exit code. */
export async function repeat(seed: number, reductions: readonly Reduction[]): Promise<number> {
  const board = await readBoard(boardOfRandomNetworks);
  const drawn = drawNetwork(seed, board, reductions);
  const failure =
    checkNetwork(seed, drawn, reductions) ?? (await checkInVerilator(seed, drawn, reductions));
  console.log(describe(seed, reductions, drawn, failure));
  return failure === null ? 0 : 1;
}

function describe(
  seed: number,
  reductions: readonly Reduction[],
  { kind, variant, graph, choice, samples }: DrawnNetwork,
  failure: Failure | null,
): string {
  const layers = graph.layers.map(({ name }) => name).join(', ');
  const size = `${choice.copies} copies, ${samples.length} samples, layers ${layers}`;
  const what = failure === null ? 'no difference' : `${failure.kind}: ${failure.message}`;
  return `seed ${seed} (${kind}, ${variant}; ${size})${reductions.length > 0 ? ' reduced' : ''}: ${what}`;
}
