import { stringify } from 'yaml';
import { exitCodes } from '../base/diagnostics.ts';
import type { Outcome } from '../options.ts';
import type { Definition } from './definition.ts';
import { heldOutMetric } from './evaluate/held-out.ts';
import type { SearchResults, TrialResult } from './results.ts';

/** The designs of the Pareto front, each with its figures and the `explore.yaml` that repeats it alone. */
export function bestTrials(definition: Definition, { front }: SearchResults): Outcome {
  const text =
    front.length === 0
      ? 'No trial has met all thresholds through the last task; `nzflow explore status` says more.\n'
      : front.map((one) => trialText(definition, one)).join('\n');
  const data = front.map((one) => ({
    trial: one.trial,
    parameters: Object.fromEntries(one.point),
    metrics: Object.fromEntries(one.values ?? []),
    repeat: repeatingYaml(definition, one),
  }));
  return { exitCode: exitCodes.done, text, data };
}

function trialText(definition: Definition, one: TrialResult): string {
  const wanted = [...definition.problem.metrics.map(({ name }) => name), heldOutMetric];
  const figures = wanted.flatMap((name) => {
    const value = one.values?.get(name);
    return value === undefined ? [] : [`#   ${name}: ${String(Number(value.toPrecision(6)))}`];
  });
  return [
    `# trial ${String(one.trial)}, on the Pareto front:`,
    ...figures,
    repeatingYaml(definition, one),
  ].join('\n');
}

/** A search of nothing but this trial: its parameters are constants, but for one that takes a single value. */
export function repeatingYaml({ document, constants }: Definition, { point }: TrialResult): string {
  const fixed = Object.fromEntries([...constants, ...point]);
  const [first] = [...point];
  const parameters =
    first === undefined
      ? fixed
      : { ...fixed, [first[0]]: { type: 'categorical', values: [first[1]] } };
  const last = document.tasks.at(-1);
  return stringify({
    ...document,
    budget: { trials: 1 },
    parameters,
    tasks: last === undefined ? [] : [last],
  });
}
