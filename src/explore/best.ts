import { exitCodes } from '../base/diagnostics.ts';
import type { Outcome } from '../options.ts';
import type { Definition } from './definition.ts';
import { heldOutMetric } from './evaluate/held-out.ts';
import { repeatFrame } from './repeat-frame.ts';
import { repeatingYaml } from './repeat.ts';
import type { SearchResults, TrialResult } from './results.ts';

/** The designs of the Pareto front, each with its figures and the `explore.yaml` that repeats it alone, as one document. */
export function bestTrials(definition: Definition, { front }: SearchResults): Outcome {
  const frame = repeatFrame(definition.document, definition.constants);
  const repeat = ({ point, task }: TrialResult): string => repeatingYaml(frame, [...point], task);
  const text =
    front.length === 0
      ? 'No trial has met all thresholds through the last task; `nzflow explore status` says more.\n'
      : front.map((one) => trialText(definition, one, repeat(one))).join('\n---\n');
  const data = front.map((one) => ({
    trial: one.trial,
    parameters: Object.fromEntries(one.point),
    metrics: Object.fromEntries(one.values ?? []),
    repeat: repeat(one),
  }));
  return { exitCode: exitCodes.done, text, data };
}

function trialText(definition: Definition, one: TrialResult, repeat: string): string {
  const wanted = [...definition.problem.metrics.map(({ name }) => name), heldOutMetric];
  const figures = wanted.flatMap((name) => {
    const value = one.values?.get(name);
    return value === undefined ? [] : [`#   ${name}: ${String(Number(value.toPrecision(6)))}`];
  });
  return [`# trial ${String(one.trial)}, on the Pareto front:`, ...figures, repeat].join('\n');
}
