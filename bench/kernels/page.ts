import type { VariantName } from '../../src/ir/variant.ts';
import { formatCount, formatCycles, formatRatio, formatSi } from '../../src/report/format.ts';
import { headlineKernel } from './headline.ts';
import { densities, kernels } from './kernel.ts';
import { crossover, overDense, ratiosOf, rowOf } from './ratios.ts';
import type { Measure } from './ratios.ts';
import { unitMultipliers } from './search.ts';
import type { Comparison, Row, Study } from './study.ts';

/** Numbers and units are apart by a space that breaks no table cell in source form. */
function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(plain).join(' | ')} |`;
  return [line(head), line(head.map(() => '-')), ...rows.map(line)].join('\n');
}

function energyOf({ energy }: Row): string {
  return `${formatSi(energy.nominal * 1e-6, 'J')} (${formatSi(energy.low * 1e-6, 'J')} to ${formatSi(energy.high * 1e-6, 'J')})`;
}

function hardware({ resources, multipliers }: Row): readonly string[] {
  return [
    String(multipliers),
    formatCount(resources.lut),
    String(resources.dsp),
    String(resources.bram36),
  ];
}

function headlineTable(study: Study): string {
  const rows = study.rows.filter(({ comparison }) => comparison === 'headline');
  const dense = rows.find(({ variant }) => variant === 'dense');
  return table(
    [
      'variant',
      'interval, cycles',
      'against dense',
      'first inference, cycles',
      'multipliers',
      'LUT',
      'DSP',
      'BRAM36',
      'energy (dynamic)',
      'RTL',
    ],
    rows.map((row) => [
      row.variant,
      formatCycles(row.interval),
      formatRatio((dense?.interval ?? NaN) / row.interval),
      formatCycles(row.latency),
      ...hardware(row),
      energyOf(row),
      row.verified?.exact === true ? 'exact, cycles as predicted' : 'differs',
    ]),
  );
}

/** Where a line of ratios crosses 1, in words. */
function from(ratios: readonly number[]): string {
  const oneIn = crossover(ratios);
  if (oneIn === Infinity) return 'nowhere';
  if (oneIn === 1) return 'at all densities';
  return `from 1/${oneIn.toFixed(2)} on`;
}

function crossovers(study: Study, comparison: Comparison, measure: Measure): string {
  const columns: readonly { variant: VariantName; activations?: number }[] = [
    { variant: 'sparse-dense' },
    ...densities.map((activations) => ({ variant: 'sparse-sparse' as const, activations })),
  ];
  return table(
    [
      'kernel',
      'sparse-dense',
      ...densities.map((oneIn) => `sparse-sparse, activations 1/${oneIn}`),
    ],
    kernels.map(({ name }) => [
      name,
      ...columns.map((column) =>
        from(ratiosOf(study, { kernel: name, comparison, ...column }, measure)),
      ),
    ]),
  );
}

function ratioTable(
  study: Study,
  kernel: string,
  comparison: Comparison,
  measure: Measure,
): string {
  const cell = (row: Row | undefined): string =>
    row === undefined ? '–' : formatRatio(overDense(study, row, measure));
  return table(
    ['weights', 'sparse-dense', ...densities.map((oneIn) => `1/${oneIn}`)],
    densities.map((weights) => [
      `1/${weights}`,
      cell(rowOf(study, { kernel, comparison, variant: 'sparse-dense', weights })),
      ...densities.map((activations) =>
        cell(rowOf(study, { kernel, comparison, variant: 'sparse-sparse', weights, activations })),
      ),
    ]),
  );
}

function randomTable(study: Study): string {
  const rows = study.rows.filter(({ masks }) => masks === 'random');
  const pairs = rows.flatMap((row) => {
    const twin = rowOf(study, { ...row, masks: 'complementary' });
    return twin === undefined ? [] : [{ row, twin }];
  });
  return table(
    ['kernel', 'variant', 'equal', 'weights', 'complementary', 'random', 'queues of a unit'],
    pairs.map(({ row, twin }) => [
      row.kernel,
      row.variant,
      row.comparison,
      `1/${row.weights}`,
      formatRatio(overDense(study, twin)),
      formatRatio(overDense(study, row)),
      row.choice.queues === 0 ? 'none, in lockstep' : String(row.choice.queues),
    ]),
  );
}

function unitTable(rows: readonly Row[]): string {
  return table(
    [
      'variant',
      'masks',
      'weights',
      'activations',
      'cycles',
      'alone',
      'units',
      'multipliers',
      'LUT',
      'DSP',
      'BRAM36',
      'energy, µJ',
    ],
    rows.map((row) => [
      row.variant,
      row.masks,
      row.variant === 'dense' ? 'any' : `1/${row.weights}`,
      row.variant === 'sparse-sparse' ? `1/${row.activations}` : 'any',
      formatCycles(row.interval),
      formatCycles(row.latency),
      String(row.copies),
      ...hardware(row),
      row.energy.nominal.toPrecision(3),
    ]),
  );
}

/** Every design of the study. */
export function tablesPage(study: Study): string {
  const sections = kernels.flatMap(({ name }) =>
    (['multipliers', 'board'] as const).map((comparison) => {
      const rows = study.rows.filter((row) => row.kernel === name && row.comparison === comparison);
      return `## ${name}, equal ${comparison}\n\n${unitTable(rows)}\n`;
    }),
  );
  return `# Kernels: every design of the study

Written by \`npm run bench:kernels\`; what is compared is in [kernels.md](kernels.md). Cycles are between two inferences of a unit,
"alone" from the first input beat to the last output beat of the first one. LUT, DSP and BRAM36 are of one unit. Energy is nominal, an inference: of a
unit without static power where multipliers are equal, with all of it where boards are.

${sections.join('\n')}`;
}

/** The page with what was found. */
export function kernelsPage(study: Study): string {
  const simulated = study.rows.filter(({ verified }) => verified !== undefined);
  const exact = simulated.filter(({ verified }) => verified?.exact === true);
  const matrices = (comparison: Comparison, measure: Measure): string =>
    kernels
      .map(({ name }) => `**${name}**\n\n${ratioTable(study, name, comparison, measure)}`)
      .join('\n\n');
  return `# Single layers: where sparsity pays

What zeros are worth in one layer, without a network around it. Written by \`npm run bench:kernels\`; every design is in
[kernels-table.md](kernels-table.md).

- **Kernels.** 1x1, 3x3 and 5x5 with 64 to 64 channels on a map of 16 × 16, padded to keep its size, and a fully connected layer of 1,600 inputs
  (25 sites of 64 channels) and 1,500 outputs. 8 bit.
- **Weights.** One in 1 to 32 is not zero. _Complementary_ masks: every input index belongs to one kernel of each set of that many. _Random_
  masks: equally many weights a kernel, anywhere.
- **Activations.** One in 1 to 32 is not zero: equally many at every site, as k-WTA leaves them, anywhere, with random values. They come as a dense
  stream or as tokens, as the variant has it. What leaves is as sparse as what comes in: ReLU with biases that let that share through.
- **Cycles** are between two inferences, by the exact cycle model, which gives the RTL's to the cycle: of ${simulated.length} designs (each kernel
  and variant at weights 1/8 and activations 1/8, and the layer below) ${exact.length} were simulated with every sum, every value and the end of every
  inference as predicted.
- **Equal multipliers:** units of at most ${unitMultipliers} multipliers, of all the foldings that the planner looks at the one with the shortest
  interval. Energy without static power.
- **Equal board:** ${study.board} at ${study.clockMHz} MHz, filled to its usable share with the unit that makes most inferences a second in all; for dense
  the same search. Ports are left out: a stream for each unit. Energy with all static power.
- LUT, DSP and BRAM36 are those of the resource model.

## The fully connected layer of the keyword network

${headlineKernel.name}: 2.4 million products dense, 120,000 with the zeros of the weights left out, 15,000 with both. 75 multipliers each: 75 outputs
at once, or 75 sets of 20 kernels. Draining 1,500 sums and choosing 150 winners is in the cycles: 15 sums a cycle leave one bank while the
other one is filled.

${headlineTable(study)}

## Equal multipliers

Products set the pace until something else does: a stream brings one site a cycle at most, a window cannot follow the one before sooner than
a few cycles, every sum is drained once. That is where the lines bend: the 1x1 kernel, whose windows are shortest, first.
Without any zeros the sparse variants are ahead of dense by up to 1.2x with 3x3 and 5x5: a lane passes a position in the padding in one cycle, the dense
core multiplies its zeros.

![Throughput over dense with equal multipliers](kernels-multipliers.svg)

Times the inferences a second of dense; columns are densities of activations, sparse-sparse.

${matrices('multipliers', 'throughput')}

Faster than dense:

${crossovers(study, 'multipliers', 'throughput')}

## Equal board

A sparse multiplier costs more than a dense one: words with kernel numbers, a memory of sums each, control. So on equal boards zeros give less than
on equal multipliers, and with few of them dense is ahead. The search takes steps, so neighbours in a table differ by what happens to fit.

![Throughput over dense on equal boards](kernels-board.svg)

Times the inferences a second of dense:

${matrices('board', 'throughput')}

More inferences a second than dense, share of weights that are not zero:

${crossovers(study, 'board', 'throughput')}

![Energy of dense over energy, equal boards](kernels-energy.svg)

Times less energy an inference than dense:

${matrices('board', 'energy')}

Less energy than dense:

${crossovers(study, 'board', 'energy')}

## Random masks

Throughput over dense where masks are complementary and where they are random, activations 1/8.

${randomTable(study)}
`;
}
