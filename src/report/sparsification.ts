import { printable } from '../base/diagnostics.ts';
import { formatPercent, formatRatio, formatSi } from './format.ts';
import { table } from './inspection.ts';

/** What `nzflow sparsify` did to one layer. */
export interface SparsifiedLayer {
  readonly name: string;
  readonly kind: string;
  /** What was asked: `dense`, `8.5 % anywhere`, `sets of 16`; null for a layer without weights. */
  readonly pattern: string | null;
  readonly weights: { readonly total: number; readonly nonZero: number };
  /** Winners of the k-WTA that was put behind it. */
  readonly kWinners: number | null;
  /**
   * Mean square of the difference from the dense network before training, on the calibration samples:
   * of the sums as share of their variance, of the values handed on as share of their mean square.
   */
  readonly error: { readonly sums: number; readonly values: number } | null;
  /** Products per inference: all, and those without a factor 0. */
  readonly products: { readonly dense: number; readonly left: number };
}

/** Accuracies on the test samples, in float. */
export interface StageAccuracies {
  readonly dense: number;
  /** The dense network with k-WTA and nothing else changed; null without k-WTA. */
  readonly winnersAlone: number | null;
  /** With its zeros (and k-WTA), before training. */
  readonly pruned: number;
  /** Null without training. */
  readonly finetuned: number | null;
}

/** What `nzflow sparsify` did. */
export interface Sparsification {
  readonly model: string;
  readonly out: string;
  readonly method: string;
  readonly seed: number;
  readonly layers: readonly SparsifiedLayer[];
  readonly weights: { readonly total: number; readonly nonZero: number };
  readonly products: { readonly dense: number; readonly left: number };
  readonly calibrationSamples: number;
  readonly trainingSamples: number | null;
  readonly testSamples: number | null;
  readonly accuracy: StageAccuracies | null;
  readonly seconds: { readonly pruning: number; readonly training: number | null };
  readonly notes: readonly string[];
}

/** As text, a line a layer. */
export function formatSparsification(result: Sparsification): string {
  const { layers, weights, products, accuracy, seconds } = result;
  const rows = [
    [
      'layer',
      'kind',
      'pattern',
      'weights',
      'non-zero',
      'k-WTA',
      'error of sums',
      'of values',
      'products',
      'left',
    ],
    ...layers.map(layerCells),
    [
      'in all',
      '',
      '',
      formatSi(weights.total),
      formatPercent(weights.nonZero / weights.total),
      '',
      '',
      '',
      formatSi(products.dense),
      formatSi(products.left),
    ],
  ];
  const ratio = formatRatio(products.left === 0 ? null : products.dense / products.left);
  const trained = seconds.training === null ? '' : `, trained in ${seconds.training.toFixed(1)} s`;
  const lines = [
    `${printable(result.model)} -> ${printable(result.out)} (${result.method})`,
    '',
    ...table(rows),
    '',
    `${formatPercent(1 - weights.nonZero / weights.total)} of the weights are 0, ${ratio} fewer products.`,
    ...(accuracy === null ? [] : accuracyLines(accuracy, result.testSamples ?? 0)),
    `Pruned in ${seconds.pruning.toFixed(1)} s${trained}.`,
    ...result.notes.map((note) => `Note: ${printable(note, 400)}`),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function accuracyLines(
  { dense, winnersAlone, pruned, finetuned }: StageAccuracies,
  samples: number,
): readonly string[] {
  const parts = [
    `dense ${formatPercent(dense)}`,
    ...(winnersAlone === null
      ? []
      : [`dense with k-WTA and nothing else ${formatPercent(winnersAlone)}`]),
    `pruned ${formatPercent(pruned)}`,
    ...(finetuned === null ? [] : [`trained ${formatPercent(finetuned)}`]),
  ];
  return [`Accuracy on ${samples} test samples, in float: ${parts.join(', ')}.`];
}

function layerCells(layer: SparsifiedLayer): readonly string[] {
  const { weights, error, products } = layer;
  const hasWeights = layer.pattern !== null;
  return [
    printable(layer.name, 40),
    layer.kind,
    layer.pattern ?? '',
    hasWeights ? formatSi(weights.total) : '',
    hasWeights ? formatPercent(weights.nonZero / weights.total) : '',
    layer.kWinners === null ? '' : String(layer.kWinners),
    error === null ? '' : formatPercent(error.sums),
    error === null ? '' : formatPercent(error.values),
    products.dense === 0 ? '' : formatSi(products.dense),
    products.dense === 0 ? '' : formatSi(products.left),
  ];
}
