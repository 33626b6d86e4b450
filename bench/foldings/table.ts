import type { FoldedDesign } from './verify-foldings.ts';

const columns: readonly (readonly [string, number, (design: FoldedDesign) => string])[] = [
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

function line(cells: readonly string[]): string {
  return cells
    .map((cell, index) => {
      const width = columns[index]?.[1] ?? 0;
      return width < 0 ? cell.padEnd(-width) : cell.padStart(width);
    })
    .join('  ');
}

export function tableHead(): string {
  return line(columns.map(([title]) => title));
}

export function tableRow(design: FoldedDesign): string {
  return line(columns.map(([, , cell]) => cell(design)));
}
