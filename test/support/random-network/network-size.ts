import type { BoardFamily } from '../../../src/ir/board.ts';
import type { Plan } from '../../../src/ir/plan.ts';
import { planResources } from '../../../src/plan/resources/plan-resources.ts';
import type { GraphSize, Random } from '../../evaluate/random-graph.ts';

/** A limit for graphs, and for what their simulation costs. */
export interface NetworkSize {
  readonly name: 'tiny' | 'small' | 'large';
  /** Of so many networks. */
  readonly share: number;
  readonly chain: GraphSize;
  readonly branches: GraphSize;
  /** Icarus compiles some 25,000 LUTs a second. */
  readonly mostLuts: number;
  /** Icarus simulates some ten million LUTs for a cycle in a second. */
  readonly mostLutCycles: number;
}

/**
 * What is wrong in a template mostly shows in a network of a few layers, and hundreds of these cost as much
 * as one with a dozen layers in three copies; those are drawn as well, now and then.
 */
const sizes = [
  {
    name: 'tiny',
    share: 0.7,
    chain: { side: [2, 4], steps: [1, 1] },
    branches: { side: [2, 4], steps: [1, 2] },
    mostLuts: 4000,
    mostLutCycles: 1e6,
  },
  {
    name: 'small',
    share: 0.29,
    chain: { side: [4, 7], steps: [1, 2] },
    branches: { side: [3, 6], steps: [1, 3] },
    mostLuts: 10_000,
    mostLutCycles: 3e6,
  },
  {
    name: 'large',
    share: 0.01,
    chain: { side: [5, 9], steps: [1, 2] },
    branches: { side: [4, 8], steps: [2, 4] },
    mostLuts: 60_000,
    mostLutCycles: 3e7,
  },
] as const satisfies readonly NetworkSize[];

export function drawSize(random: Random): NetworkSize {
  let rest = random();
  for (const size of sizes) {
    rest -= size.share;
    if (rest < 0) return size;
  }
  return sizes[0];
}

/** Whether the simulation of so many cycles costs no more than one of the size should. */
export function isWithin(
  { mostLuts, mostLutCycles }: NetworkSize,
  plan: Plan,
  cycles: number,
  family: BoardFamily,
): boolean {
  const { lut } = planResources(plan, family).total;
  return lut <= mostLuts && lut * cycles <= mostLutCycles;
}
