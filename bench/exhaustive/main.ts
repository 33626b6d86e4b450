import { forChosen } from '../for-chosen.ts';
import { textHead, textRow } from '../text-table.ts';
import type { TextColumn } from '../text-table.ts';
import { boards, cases } from './cases.ts';
import { compare, leastRatio } from './compare.ts';
import type { Comparison, Throughput } from './compare.ts';

interface Row extends Comparison {
  readonly name: string;
}

const rate = (one: Throughput | null, of: 'planned' | 'exact'): string =>
  one === null ? 'none fits' : one[of].toFixed(2);

const columns: readonly TextColumn<Row>[] = [
  ['network', -14, ({ name }) => name],
  ['variant', -13, ({ variant }) => variant],
  ['board', -11, ({ board }) => board],
  ['combinations', 12, ({ combinations }) => combinations.toExponential(1)],
  ['copies', 6, ({ planner }) => String(planner?.copies ?? 0)],
  ['planner', 9, ({ planner }) => rate(planner, 'planned')],
  ['of best', 7, ({ best }) => String(best?.copies ?? 0)],
  ['best', 9, ({ best }) => rate(best, 'planned')],
  ['ratio', 6, ({ ratio }) => ratio.toFixed(3)],
  ['exact', 9, ({ planner }) => rate(planner, 'exact')],
  ['of best', 9, ({ best }) => rate(best, 'exact')],
];

/** Compares the cases named (all when none is) and prints a row a board; the exit code. */
export async function compareCases(names: readonly string[]): Promise<number> {
  console.log('inferences in 1,000 cycles, as planned and by the exact cycle model');
  console.log(textHead(columns));
  const onBoards = await boards();
  return forChosen('case', cases, names, async (name, { network, variants }) => {
    let passed = true;
    for (const variant of variants) {
      for (const comparison of compare(network(), variant, onBoards)) {
        const good = comparison.ratio >= leastRatio;
        console.log(textRow(columns, { name, ...comparison }) + (good ? '' : '  TOO SLOW'));
        passed &&= good;
      }
    }
    return passed;
  });
}
