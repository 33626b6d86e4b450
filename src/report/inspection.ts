import { printable } from '../base/diagnostics.ts';
import { formatPercent, formatRatio, formatShape, formatSi } from './format.ts';
import type { ReportLayer, ReportMacs } from './schema.ts';

/** What `nzflow inspect` finds out about a network. */
export interface Inspection {
  readonly model: { readonly name: string; readonly file: string; readonly sha256: string };
  /** ONNX operators and how many nodes have them, most frequent first. */
  readonly operators: readonly { readonly operator: string; readonly nodes: number }[];
  /** Operators after the last layer that are left to the host. */
  readonly hostOperators: readonly string[];
  readonly samples: number;
  readonly accuracy: { readonly float: number; readonly quantized: number } | null;
  readonly layers: readonly ReportLayer[];
  /** Products per inference. */
  readonly macs: ReportMacs;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

/** The inspection as text, a line a layer. */
export function formatInspection(inspection: Inspection): string {
  const { model, operators, hostOperators, layers, macs } = inspection;
  const head = ['layer', 'kind', 'input', 'output', 'weights', 'non-zero', 'inputs non-zero'];
  const productHead = ['all products', 'weight ≠ 0', 'both ≠ 0'];
  const rows = [
    [...head, 'activation', ...productHead],
    ...layers.map(layerCells),
    ['in all', '', '', '', '', '', '', '', ...productCells(macs)],
  ];
  const lines = [
    `${printable(model.name, 60)} (${printable(model.file)})`,
    `Operators: ${operators.map(({ operator, nodes }) => `${nodes} ${printable(operator, 40)}`).join(', ')}`,
    ...(hostOperators.length === 0
      ? []
      : [`Left to the host: ${hostOperators.map((name) => printable(name, 40)).join(', ')}`]),
    '',
    ...table(rows),
    '',
    `Products per inference, 8 bit, mean over ${inspection.samples} samples: skipping zeros leaves ` +
      `1 in ${limit(macs)}.`,
    ...(inspection.accuracy === null
      ? []
      : [
          `Accuracy: ${formatPercent(inspection.accuracy.float)} in float, ` +
            `${formatPercent(inspection.accuracy.quantized)} in 8-bit integers.`,
        ]),
    ...inspection.notes.map((note) => `Note: ${printable(note, 400)}`),
    ...inspection.warnings.map((warning) => `Warning: ${printable(warning, 400)}`),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function limit(macs: ReportMacs): string {
  return macs.bothSparse === 0
    ? 'all of them'
    : formatRatio(macs.dense / macs.bothSparse).replace('×', '');
}

function layerCells(layer: ReportLayer): readonly string[] {
  const { weights, activations } = layer;
  const wta = `k-WTA ${String(activations.k)} per ${activations.scope ?? ''}`;
  return [
    printable(layer.name, 40),
    layer.kind,
    formatShape(layer.inputShape),
    formatShape(layer.outputShape),
    formatSi(weights.total),
    formatPercent(weights.total === 0 ? null : weights.nonZero / weights.total),
    formatPercent(layer.inputDensity),
    activations.kind === 'k-wta' ? wta : activations.kind,
    ...productCells(layer.macs),
  ];
}

function productCells(macs: ReportMacs): readonly string[] {
  return [macs.dense, macs.weightSparse, macs.bothSparse].map((value) => formatSi(value));
}

/** Columns as wide as their widest cell; numbers to the right, words (two columns) to the left. */
export function table(rows: readonly (readonly string[])[]): readonly string[] {
  const leftColumns = 2;
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < leftColumns ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}
