import { chartMarkup } from './chart.ts';
import type { Line, Panel } from './chart.ts';
import { densities, kernels } from './kernel.ts';
import { ratiosOf } from './ratios.ts';
import type { Measure } from './ratios.ts';
import type { Comparison, Study } from './study.ts';

/** Densities of activations that are drawn, and their colours. */
const drawn = [
  { activations: 1, colour: '#7fb8ae' },
  { activations: 2, colour: '#5aa79b' },
  { activations: 4, colour: '#2f8f82' },
  { activations: 8, colour: '#0d7f73' },
  { activations: 32, colour: '#08453e' },
] as const;

function panel(study: Study, kernel: string, comparison: Comparison, measure: Measure): Panel {
  const lines: Line[] = [
    { label: 'ideal, weights only', colour: '#8b96a2', dashed: true, values: densities },
    {
      label: 'sparse-dense',
      colour: '#4a83c4',
      values: ratiosOf(study, { kernel, comparison, variant: 'sparse-dense' }, measure),
    },
    ...drawn.map(({ activations, colour }) => ({
      label: `sparse-sparse, 1/${activations}`,
      colour,
      values: ratiosOf(
        study,
        { kernel, comparison, variant: 'sparse-sparse', activations },
        measure,
      ),
    })),
  ];
  return { title: kernel, lines: lines.filter(({ values }) => values.length === densities.length) };
}

/** Figures by file name. */
export function figures(study: Study): ReadonlyMap<string, string> {
  const figure = (
    title: string,
    subtitle: string,
    comparison: Comparison,
    measure: Measure,
  ): string =>
    chartMarkup({
      title,
      subtitle,
      description: `${title}; ${subtitle}. One panel a kernel, a line for each density of activations.`,
      ticks: densities.map((oneIn) => `1/${oneIn}`),
      panels: kernels.map(({ name }) => panel(study, name, comparison, measure)),
      note: 'To the right: share of weights that are not zero. Behind sparse-sparse: share of activations that are not zero.',
    });
  return new Map([
    [
      'kernels-multipliers.svg',
      figure(
        'Equal multipliers',
        'inferences a second over those of dense, 64 multipliers each',
        'multipliers',
        'throughput',
      ),
    ],
    [
      'kernels-board.svg',
      figure(
        'Equal board: throughput',
        `inferences a second over those of dense, ${study.board} full of units`,
        'board',
        'throughput',
      ),
    ],
    [
      'kernels-energy.svg',
      figure(
        'Equal board: energy',
        `energy of dense over energy an inference, ${study.board}, static power included`,
        'board',
        'energy',
      ),
    ],
  ]);
}
