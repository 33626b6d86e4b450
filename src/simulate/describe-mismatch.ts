import { printable } from '../base/diagnostics.ts';
import type { Plan } from '../ir/plan.ts';
import type { CheckName, Mismatch } from './run-result.ts';

const checkTitles: Readonly<Record<CheckName, string>> = {
  accumulator: 'accumulator check',
  stream: 'stream check',
  logit: 'logit check',
  protocol: 'protocol check',
};

/**
 * One line about a difference: which check fired, layer, sample, position, both values, for
 * example `accumulator check: layer 1 "conv2", sample 3, window row 4, column 2, channel 17:
 * expected 120, got 121 (sum before pooling and bias; cycle 5012, copy 0, engine 2; 9 in all)`.
 */
export function describeMismatch(plan: Plan, mismatch: Mismatch): string {
  const name = printableName(plan, mismatch.layer);
  const place = [
    `layer ${mismatch.layer} "${name}"`,
    mismatch.sample < 0 ? `inference ${mismatch.inference}` : `sample ${mismatch.sample}`,
    ...(mismatch.row < 0 ? [] : [`${siteName(mismatch)} row ${mismatch.row}`]),
    ...(mismatch.column < 0 ? [] : [`column ${mismatch.column}`]),
    ...(mismatch.channel < 0 ? [] : [`channel ${mismatch.channel}`]),
  ].join(', ');
  const where = [
    `cycle ${mismatch.cycle}`,
    `copy ${mismatch.copy}`,
    ...(mismatch.engine < 0 ? [] : [`engine ${mismatch.engine}`]),
  ].join(', ');
  return (
    `${checkTitles[mismatch.check]}: ${place}: expected ${mismatch.expected}, ` +
    `got ${mismatch.got} (${mismatch.what}; ${where}; ${mismatch.count} in all)`
  );
}

/** The name of a layer, from the model, made safe for one line of a terminal. */
export function printableName(plan: Plan, layer: number): string {
  return printable(plan.layers[layer]?.name ?? '', 80).replaceAll('\n', '\\n');
}

function siteName(mismatch: Mismatch): string {
  return mismatch.check === 'accumulator' ? 'window' : 'site';
}
