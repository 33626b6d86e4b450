import type { ParameterValue } from './space.ts';

/** What the files that repeat the trials of one search have in common. */
export interface RepeatFrame {
  /** YAML of all but parameters and tasks. */
  readonly head: string;
  readonly constants: readonly (readonly [string, ParameterValue])[];
  /** YAML of `tasks` with nothing but this one, by task. */
  readonly tasks: readonly string[];
}

/**
 * The `explore.yaml` of a search of nothing but one trial: its parameters are constants, but for the
 * first, which takes a single value. It runs the task the trial went through last, so that the same
 * metrics come out.
 */
export function repeatingYaml(
  { head, constants, tasks }: RepeatFrame,
  point: readonly (readonly [string, ParameterValue])[],
  task: number,
): string {
  const [searched, ...others] = point;
  const fixed = [...constants, ...others].map(
    ([name, value]) => `  ${scalar(name)}: ${scalar(value)}\n`,
  );
  const only =
    searched === undefined
      ? ''
      : `  ${scalar(searched[0])}: { type: categorical, values: [${scalar(searched[1])}] }\n`;
  return `${head}parameters:\n${only}${fixed.join('')}${tasks[task] ?? ''}`;
}

const plain = /^[a-z][\w.-]*$/i;
const notText = /^(?:true|false|null|yes|no|on|off)$/i;

/** A double-quoted scalar of YAML is a string of JSON; names stand plain where nothing else reads so. */
function scalar(value: ParameterValue): string {
  return typeof value === 'string' && plain.test(value) && !notText.test(value)
    ? value
    : JSON.stringify(value);
}
