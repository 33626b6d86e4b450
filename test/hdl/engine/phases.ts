import type { Random } from '../tail/random.ts';

/** A window: the cycles in which a core takes inputs for it, and the cycles that drain its sums. */
export interface Phase {
  readonly bank: number;
  readonly issues: readonly number[];
  /** Cycle of the first drain beat. */
  readonly drain: number;
}

/**
 * Windows as close behind one another as the headers allow: a window drains from `latency` cycles
 * after its last issue on and takes its bank again `latency - 1` cycles before the drain is over.
 */
export function randomPhases(
  random: Random,
  options: { readonly count: number; readonly latency: number; readonly beats: number },
): readonly Phase[] {
  const { latency, beats } = options;
  const phases: Phase[] = [];
  for (let index = 0; index < options.count; index += 1) {
    const before = phases[index - 1];
    const sameBank = phases[index - 2];
    const lastIssue = before?.issues.at(-1) ?? 0;
    // the first product is in its sum, not before the last sum of the bank has been read
    const bankFree = sameBank === undefined ? 0 : sameBank.drain + beats - latency + 1;
    let cycle = Math.max(lastIssue + 1, bankFree) + (random.chance(0.7) ? 0 : random.integer(1, 4));
    const issues: number[] = [];
    const length = random.integer(1, 3 * beats + 3);
    const gaps = random.chance(0.5);
    for (let issue = 0; issue < length; issue += 1) {
      issues.push(cycle);
      cycle += gaps ? random.integer(1, 3) : 1;
    }
    const ready = (issues.at(-1) ?? 0) + latency;
    const drainFree = before === undefined ? 0 : before.drain + beats;
    const drain = Math.max(ready, drainFree) + (random.chance(0.7) ? 0 : random.integer(1, 5));
    phases.push({ bank: index % 2, issues, drain });
  }
  return phases;
}
