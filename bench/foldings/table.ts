import { textHead, textRow } from '../text-table.ts';
import type { TextColumn } from '../text-table.ts';
import type { FoldedDesign } from './verify-foldings.ts';

const columns: readonly TextColumn<FoldedDesign>[] = [
  ['variant', -14, ({ variant }) => variant],
  ['target/s', 9, ({ target }) => String(target)],
  ['copies', 6, ({ copies }) => String(copies)],
  ['multipliers', 11, ({ multipliers }) => String(multipliers)],
  ['samples', 7, ({ samples }) => String(samples)],
  ['differ', 6, ({ mismatches }) => String(mismatches)],
  ['gap runs', 8, ({ gapRuns }) => String(gapRuns)],
  ['interval', 10, ({ interval }) => interval.toFixed(2)],
  ['predicted', 10, ({ predictedInterval }) => predictedInterval.toFixed(2)],
  ['latency', 8, ({ latency }) => String(latency)],
  ['predicted', 9, ({ predictedLatency }) => String(predictedLatency)],
  ['answers', 12, ({ answers }) => [...new Set(answers)].join(' ')],
  ['seconds', 7, ({ seconds }) => seconds.toFixed(0)],
];

export function tableHead(): string {
  return textHead(columns);
}

export function tableRow(design: FoldedDesign): string {
  return textRow(columns, design);
}
