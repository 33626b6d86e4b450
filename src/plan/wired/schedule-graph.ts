import { invariant, present } from '../../base/invariant.ts';
import type { AdderGraph, GraphNode, ScheduledGraph } from '../../ir/adder-graph.ts';
import { storedForms } from './offset-form.ts';

/** Nodes of the same step that a node is made from. */
function operands(node: GraphNode): readonly number[] {
  switch (node.kind) {
    case 'add':
    case 'result':
      return node.terms.map((term) => term.node);
    case 'input':
    case 'delay':
      return [];
  }
}

/** Whether a node is a sum with a value from steps before. */
export function isState({ nodes }: AdderGraph, node: number): boolean {
  const { [node]: sum } = nodes;
  return sum !== undefined && operands(sum).some((operand) => nodes[operand]?.kind === 'delay');
}

/**
 * Sums with a delayed value are made in one common stage, the last one, all else as late as possible:
 * inputs are cheaper to keep than sums.
 */
export function scheduleGraph(graph: AdderGraph): ScheduledGraph {
  const { nodes } = graph;
  const latency = Math.max(1, ...stateDepths(graph));
  const stages = nodes.map(() => latency);
  const needed = (node: number, stage: number): void => {
    stages[node] = Math.min(present(stages[node], 'a node'), stage);
  };
  for (let index = nodes.length - 1; index >= 0; index -= 1) {
    const node = present(nodes[index], 'a node');
    if (node.kind === 'input') needed(index, 0);
    if (node.kind === 'delay') {
      needed(index, latency - 1);
      if (!isState(graph, node.a)) needed(node.a, latency - 1);
    }
    for (const operand of operands(node)) needed(operand, present(stages[index], 'a stage') - 1);
  }
  invariant(
    stages.every((stage) => stage >= 0),
    'every addition has its cycle',
  );
  return { ...graph, stages, latency };
}

/** By node: the stage of the states that it asks for. */
function stateDepths(graph: AdderGraph): readonly number[] {
  const { nodes } = graph;
  const depths: number[] = [];
  return nodes.map((node, index) => {
    const depth = Math.max(0, ...operands(node).map((operand) => (depths[operand] ?? 0) + 1));
    // nothing of a sum with a delayed value is waited for in the same step
    depths.push(isState(graph, index) ? 0 : depth);
    if (node.kind === 'delay') return 1 + (depths[node.a] ?? 0);
    return depth;
  });
}

/** By node: the stages in which a sum or an output looks at its value; delays are not among them. */
export function stagesOfUses(graph: ScheduledGraph): readonly (readonly number[])[] {
  const { nodes, outputs, stages, latency } = graph;
  const uses: number[][] = nodes.map(() => []);
  nodes.forEach((node, index) => {
    const stage = present(stages[index], 'a stage');
    for (const operand of operands(node)) present(uses[operand], 'a node').push(stage - 1);
  });
  for (const output of outputs) {
    if (output !== null) present(uses[output.node], 'a node').push(latency);
  }
  return uses;
}

/** By node: the last stage in which its value is looked at. */
export function lastUses(graph: ScheduledGraph): readonly number[] {
  const { nodes, stages, latency } = graph;
  const last = stagesOfUses(graph).map((uses, index) => {
    return Math.max(present(stages[index], 'a stage'), ...uses);
  });
  for (const node of nodes) {
    if (node.kind !== 'delay' || isState(graph, node.a)) continue;
    last[node.a] = Math.max(present(last[node.a], 'a node'), latency - 1);
  }
  return last;
}

/** Registers of a graph by bit, without those of the inputs. */
export function registerBits(graph: ScheduledGraph): number {
  const { nodes, stages } = graph;
  const last = lastUses(graph);
  const forms = storedForms(graph);
  return nodes.reduce((sum, node, index) => {
    const kept = present(last[index], 'a stage') - present(stages[index], 'a stage');
    const own =
      node.kind === 'delay'
        ? node.steps - Number(isState(graph, node.a))
        : Number(node.kind !== 'input');
    return sum + (own + kept) * present(forms[index], 'a node').bits;
  }, 0);
}
