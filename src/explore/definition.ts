import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import type { Diagnostic } from '../base/diagnostics.ts';
import { UserError } from '../base/diagnostics.ts';
import { suggestion } from '../base/suggest.ts';
import { parseConfigDocument } from '../read/config-document.ts';
import { ExpectationError } from '../read/expectation.ts';
import { readFailure } from '../read/read-failure.ts';
import { refuseSpecialFile } from '../read/special-file.ts';
import type { DefinitionDocument } from './definition-schema.ts';
import { definitionSchema } from './definition-schema.ts';
import { metricNames, parseThreshold } from './metric-names.ts';
import type { Metric } from './metrics.ts';
import { objectives } from './metrics.ts';
import type { Problem } from './optimisers/optimiser.ts';
import type { Condition, Domain, Parameter, ParameterValue } from './space.ts';

/** A search as its file describes it. */
export interface Definition {
  readonly problem: Problem;
  /** Parameters that the search leaves as they are. */
  readonly constants: ReadonlyMap<string, ParameterValue>;
  /** The file, paths relative to the working directory. */
  readonly document: DefinitionDocument;
  readonly text: string;
}

/** Reads `explore.yaml`. Throws `UserError` with every mistake in it and its place. */
export async function readDefinition(file: string): Promise<Definition> {
  await refuseSpecialFile('explore/unreadable', file);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    return readFailure('explore/unreadable', file, error);
  }
  return parseDefinition(file, text);
}

/** As `readDefinition`, from text. */
export function parseDefinition(file: string, text: string): Definition {
  const written = parseConfigDocument({ file, text, area: 'explore' }, definitionSchema);
  const mistakes: Diagnostic[] = [];
  const refuse = (place: string, message: string, remedy: string | null = null): void => {
    mistakes.push({ code: 'explore/bad-value', message, place: `${file}: ${place}`, remedy });
  };
  const constants = new Map<string, ParameterValue>();
  const parameters: Parameter[] = [];
  for (const [name, given] of Object.entries(written.parameters)) {
    if (typeof given !== 'object') {
      constants.set(name, given);
      continue;
    }
    const domain = domainOf(given, (message) => refuse(`parameters.${name}`, message));
    const conditions = Object.entries(given.when ?? {}).map(([parameter, values]): Condition => ({
      parameter,
      values: Array.isArray(values) ? values : [values],
    }));
    if (domain !== null) parameters.push({ name, domain, when: conditions });
  }
  const metrics = metricsOf(written, refuse);
  checkConditions(parameters, refuse);
  if (parameters.length === 0) refuse('parameters', 'there is nothing to search');
  if (objectives(metrics).length === 0)
    refuse('metrics', 'none is to be maximised or minimised', 'give one of them a goal');
  checkTasks(written, refuse);
  if (mistakes.length > 0) throw new UserError(mistakes);
  return {
    problem: {
      space: { parameters: inOrder(parameters) },
      metrics,
      tasks: written.tasks.map(({ name, cost }) => ({ name, cost })),
    },
    constants,
    document: { ...written, ...resolved(written, dirname(file)) },
    text,
  };
}

type Refuse = (place: string, message: string, remedy?: string | null) => void;
type Searched = Extract<DefinitionDocument['parameters'][string], { type: unknown }>;

function domainOf(given: Searched, refuse: (message: string) => void): Domain | null {
  if (given.type === 'categorical') {
    if (new Set(given.values).size === given.values.length)
      return { kind: 'categorical', values: given.values };
    refuse('a value stands twice');
    return null;
  }
  const { low, high } = given;
  const log = given.type === 'log' || given.scale === 'log';
  const whole = given.type !== 'integer' || (Number.isInteger(low) && Number.isInteger(high));
  if (low > high) refuse('low is above high');
  else if (log && low <= 0) refuse('a logarithm needs a low above 0');
  else if (!whole) refuse('low and high of an integer are integers');
  else return { kind: given.type === 'integer' ? 'integer' : 'real', low, high, log };
  return null;
}

function metricsOf({ metrics }: DefinitionDocument, refuse: Refuse): readonly Metric[] {
  return Object.entries(metrics).flatMap(([name, { goal, threshold }]): readonly Metric[] => {
    if (!metricNames.includes(name)) {
      refuse(`metrics.${name}`, `there is no metric "${name}"`, suggestion(name, metricNames));
      return [];
    }
    try {
      return [
        { name, goal, threshold: threshold === undefined ? null : parseThreshold(name, threshold) },
      ];
    } catch (error) {
      if (!(error instanceof ExpectationError)) throw error;
      refuse(`metrics.${name}.threshold`, error.message);
      return [];
    }
  });
}

function checkTasks({ tasks, calibrateLabels }: DefinitionDocument, refuse: Refuse): void {
  for (const [index, task] of tasks.entries()) {
    const before = tasks[index - 1];
    if (before !== undefined && before.cost >= task.cost)
      refuse(`tasks[${String(index)}]`, 'tasks go from cheap to costly');
    if (tasks.some((other, at) => at < index && other.name === task.name))
      refuse(`tasks[${String(index)}]`, `there are two tasks "${task.name}"`);
    if (task.finetune > 0 && calibrateLabels === undefined)
      refuse(
        `tasks[${String(index)}].finetune`,
        'training needs the classes of the training samples',
        'give calibrateLabels',
      );
  }
}

function checkConditions(parameters: readonly Parameter[], refuse: Refuse): void {
  const byName = new Map(parameters.map((one) => [one.name, one]));
  for (const { name, when } of parameters) {
    for (const { parameter, values } of when) {
      const place = `parameters.${name}.when`;
      const on = byName.get(parameter);
      if (on === undefined) {
        refuse(
          place,
          `there is no parameter "${parameter}" in the search`,
          suggestion(parameter, [...byName.keys()]),
        );
      } else if (on.domain.kind === 'categorical') {
        const known = on.domain.values;
        for (const value of values)
          if (!known.includes(value))
            refuse(place, `${parameter} is never ${String(value)}`, `one of: ${known.join(', ')}`);
      }
    }
    if (dependsOnItself(name, byName)) refuse(`parameters.${name}.when`, 'it depends on itself');
  }
}

function dependsOnItself(name: string, byName: ReadonlyMap<string, Parameter>): boolean {
  const seen = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const { parameter } of byName.get(next)?.when ?? []) {
      if (parameter === name) return true;
      if (!seen.has(parameter)) open.push(parameter);
      seen.add(parameter);
    }
  }
  return false;
}

/** Each after those it depends on; otherwise as written. */
function inOrder(parameters: readonly Parameter[]): readonly Parameter[] {
  const placed = new Set<string>();
  const order: Parameter[] = [];
  while (order.length < parameters.length) {
    for (const parameter of parameters) {
      if (placed.has(parameter.name)) continue;
      if (!parameter.when.every((condition) => placed.has(condition.parameter))) continue;
      placed.add(parameter.name);
      order.push(parameter);
    }
  }
  return order;
}

const pathKeys = ['model', 'calibrate', 'calibrateLabels', 'inputs', 'labels'] as const;

type PathKey = (typeof pathKeys)[number];

/** The files of model and data that a search names, each with its key. */
export function dataFiles(document: DefinitionDocument): readonly (readonly [PathKey, string])[] {
  return pathKeys.flatMap((key) => {
    const path = document[key];
    return path === undefined ? [] : [[key, path] as const];
  });
}

function resolved(written: DefinitionDocument, folder: string): Partial<DefinitionDocument> {
  return Object.fromEntries(
    dataFiles(written).map(([key, path]) => [key, isAbsolute(path) ? path : join(folder, path)]),
  );
}
