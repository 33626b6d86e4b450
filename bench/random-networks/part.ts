import { readBoard } from '../../src/read/board.ts';
import { checkNetwork, shrinkNetwork } from '../../test/support/random-network/check-network.ts';
import type { Failure } from '../../test/support/random-network/check-network.ts';
import { drawNetwork } from '../../test/support/random-network/draw-network.ts';
import type { DrawnNetwork } from '../../test/support/random-network/draw-network.ts';
import { boardOfRandomNetworks } from '../../test/support/random-network/board.ts';
import type { Reduction } from '../../test/support/random-network/reductions.ts';
import { checkInVerilator } from '../../test/support/random-network/verilator.ts';

/** What was done for a seed, numbers to add up. */
export interface NetworkFacts {
  readonly seed: number;
  readonly kind: string;
  readonly layers: number;
  /** Words compared, without gaps and with them. */
  readonly words: number;
  /** Ends of inferences compared with the cycle model's. */
  readonly ends: number;
  readonly verilator: number;
  readonly failures: number;
}

/** One network of so many is built with Verilator as well. */
const verilatorEach = 250;

/** Takes seeds from the process that started this one and answers each with its facts; tells what fails. */
export async function serveSeeds(): Promise<void> {
  const board = await readBoard(boardOfRandomNetworks);
  process.on('message', (seed: number) => {
    void verifySeed(seed, board).then((facts) => process.send?.(facts));
  });
}

type Board = Awaited<ReturnType<typeof readBoard>>;

async function verifySeed(seed: number, board: Board): Promise<NetworkFacts> {
  const drawn = drawNetwork(seed, board);
  const inVerilator = seed % verilatorEach === 0;
  const failure =
    checkNetwork(seed, drawn) ?? (inVerilator ? await checkInVerilator(seed, drawn) : null);
  if (failure !== null) {
    console.log(describe(seed, [], drawn, failure));
    const { reductions, drawn: smaller } = shrinkNetwork(seed, board, failure);
    console.log(`  at its smallest: ${describe(seed, reductions, smaller, failure)}`);
    const what = reductions.length === 0 ? '' : ` ${reductions.join(',')}`;
    console.log(`  npm run verify:random-networks -- repeat ${String(seed)}${what}`);
  }
  const { kind, variant, words, evaluations, network } = drawn;
  return {
    seed,
    kind: `${kind}, ${variant}`,
    layers: network.plan.layers.length,
    words: 2 * words.length,
    ends: evaluations.length,
    verilator: Number(inVerilator),
    failures: Number(failure !== null),
  };
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
