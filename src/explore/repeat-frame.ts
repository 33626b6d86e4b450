import { stringify } from 'yaml';
import type { DefinitionDocument } from './definition-schema.ts';
import type { RepeatFrame } from './repeat.ts';
import type { ParameterValue } from './space.ts';

/** What `repeatingYaml` needs to know of a search. */
export function repeatFrame(
  document: DefinitionDocument,
  constants: ReadonlyMap<string, ParameterValue>,
): RepeatFrame {
  const { tasks } = document;
  const head = { ...document, budget: { trials: 1 }, parameters: undefined, tasks: undefined };
  return {
    head: stringify(head),
    constants: [...constants],
    tasks: tasks.map((task) => stringify({ tasks: [task] })),
  };
}
