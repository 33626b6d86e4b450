import type { OnnxNode, OnnxTensor, OnnxValueInfo } from '../ir/onnx.ts';
import { UserError, fail, type Diagnostic } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';

const remedy = 'the graph is damaged; export the model again';

/**
 * The nodes in topological order, otherwise in the order of the file. Throws `UserError` for
 * names that are defined twice or never, listing all of them, and for cycles.
 */
export function sortNodes(
  nodes: readonly OnnxNode[],
  inputs: readonly OnnxValueInfo[],
  outputs: readonly OnnxValueInfo[],
  initializers: ReadonlyMap<string, OnnxTensor>,
  place: string,
): readonly OnnxNode[] {
  const diagnostics: Diagnostic[] = [];
  const report = (message: string): void => {
    diagnostics.push({ code: 'model/names', message, place, remedy });
  };
  const producers = new Map<string, OnnxNode | null>();
  for (const name of [...initializers.keys(), ...inputs.map((input) => input.name)]) {
    if (producers.has(name)) report(`the input "${name}" is defined twice`);
    producers.set(name, null);
  }
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      if (producers.has(output)) report(`the value "${output}" is defined twice`);
      producers.set(output, node);
    }
  }
  for (const node of nodes) {
    for (const input of node.inputs) {
      if (input !== '' && !producers.has(input)) {
        report(`node "${node.name}" reads "${input}", which nothing defines`);
      }
    }
  }
  for (const { name } of outputs) {
    if (!producers.has(name)) report(`the output "${name}" is defined by nothing`);
  }
  if (diagnostics.length > 0) throw new UserError(diagnostics);
  return order(nodes, producers, place);
}

/** Kahn's algorithm, always taking the first ready node of the file: an ordered file stays as it is. */
function order(
  nodes: readonly OnnxNode[],
  producers: ReadonlyMap<string, OnnxNode | null>,
  place: string,
): readonly OnnxNode[] {
  const waiting = new Map<OnnxNode, number>();
  const readers = new Map<OnnxNode, OnnxNode[]>();
  for (const node of nodes) {
    const sources = new Set(node.inputs.map((input) => producers.get(input) ?? null));
    sources.delete(null);
    waiting.set(node, sources.size);
    for (const source of sources) {
      if (source === null) continue;
      const list = readers.get(source);
      if (list === undefined) readers.set(source, [node]);
      else list.push(node);
    }
  }
  const positions = new Map(nodes.map((node, index) => [node, index]));
  const position = (node: OnnxNode): number => present(positions.get(node), 'nodes are known');
  const sorted: OnnxNode[] = [];
  const done = new Set<OnnxNode>();
  for (const start of nodes) {
    const stack = waiting.get(start) === 0 && !done.has(start) ? [start] : [];
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      done.add(node);
      sorted.push(node);
      for (const reader of [...(readers.get(node) ?? [])].reverse()) {
        const left = present(waiting.get(reader), 'every node waits') - 1;
        waiting.set(reader, left);
        // A reader that comes later in the file is taken when its turn comes.
        if (left === 0 && position(reader) < position(start)) stack.push(reader);
      }
    }
  }
  if (sorted.length === nodes.length) return sorted;
  const stuck = nodes.filter((node) => !done.has(node)).map((node) => `"${node.name}"`);
  const more = stuck.length > 5 ? ', …' : '';
  return fail('model/cycle', `nodes wait for each other: ${stuck.slice(0, 5).join(', ')}${more}`, {
    place,
    remedy,
  });
}
