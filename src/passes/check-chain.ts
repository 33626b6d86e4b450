import { UserError, type Diagnostic } from '../base/diagnostics.ts';
import type { OperationChain } from './operation.ts';

/**
 * Checks that every operation reads the one before it and the input is read once. Throws a
 * `UserError` that lists all places where the network branches.
 */
export function checkChain(chain: OperationChain): OperationChain {
  const places = new Map([[chain.input.name, `input "${chain.input.name}"`]]);
  const readers = new Map<string, string[]>();
  for (const { input, name, operatorName, output } of chain.operations) {
    places.set(output, `node "${name}" (${operatorName})`);
    const list = readers.get(input);
    if (list === undefined) readers.set(input, [name]);
    else list.push(name);
  }
  const diagnostics = [...readers].flatMap(([source, names]): readonly Diagnostic[] =>
    names.length === 1
      ? []
      : [
          {
            code: 'model/unsupported-branch',
            message: `its result is read by ${names.length} nodes (${names.join(', ')})`,
            place: places.get(source) ?? null,
            remedy: 'accepted: a network whose layers follow each other without branches',
          },
        ],
  );
  if (diagnostics.length > 0) throw new UserError(diagnostics);
  return chain;
}
