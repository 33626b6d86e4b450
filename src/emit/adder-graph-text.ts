import { present } from '../base/invariant.ts';
import type { GraphNode, ScheduledGraph } from '../ir/adder-graph.ts';
import { nodeBits } from '../plan/wired/graph-builder.ts';
import { isState, lastUses } from '../plan/wired/schedule-graph.ts';

/** Wires around the text of an adder graph, declared outside. */
export interface GraphPorts {
  /** All inputs, the first least significant, `inputBits` each. */
  readonly inputs: string;
  readonly inputBits: number;
  readonly inputsSigned: boolean;
  /** Bit t: the values of stage t belong to a step. */
  readonly steps: string;
  /** All outputs, `outputBits` each. */
  readonly outputs: string;
  readonly outputBits: number;
}

/** A two's complement value in Verilog. */
interface Value {
  readonly name: string;
  readonly bits: number;
}

/** Bits low .. low + bits - 1 of a value that goes on with its sign. */
function slice({ name, bits: own }: Value, low: number, bits: number): string {
  const bit = (index: number): string => (own === 1 ? name : `${name}[${index}]`);
  const signs = (count: number): string =>
    count === 1 ? bit(own - 1) : `{${count}{${bit(own - 1)}}}`;
  const end = Math.min(own, low + bits);
  if (low >= end) return signs(bits);
  const part = end - low === own ? name : end - low === 1 ? bit(low) : `${name}[${end - 1}:${low}]`;
  const more = low + bits - end;
  return more === 0 ? part : `{${signs(more)}, ${part}}`;
}

/** Bits of a value shifted to the left. */
function shifted(value: Value, shift: number, bits: number): string {
  if (shift === 0) return slice(value, 0, bits);
  return `{${slice(value, 0, bits - shift)}, ${shift}'d0}`;
}

function declaration(kind: 'reg' | 'wire', { name, bits }: Value): string {
  return `  ${kind} ${bits === 1 ? '' : `[${bits - 1}:0] `}${name};`;
}

/**
 * Declarations and one clocked block: a register a value and stage. A sum is there one cycle after
 * those it is made of; what is kept for later steps changes with a step in the stage before the
 * state.
 */
export function adderGraphText(graph: ScheduledGraph, ports: GraphPorts): string {
  const { nodes, stages, stateStage, latency } = graph;
  const last = lastUses(graph);
  const stageOf = (node: number): number => present(stages[node], 'a stage');
  const at = (node: number, stage: number): Value => {
    const name = stage === stageOf(node) ? `n${node}` : `n${node}_${stage}`;
    return { name, bits: nodeBits(present(nodes[node], 'a node')) };
  };
  const declarations: string[] = [];
  const always: string[] = [];
  const onStep: string[] = [];
  const looked = new Map<string, Value & { seen: number }>();
  const part = (value: Value, low: number, bits: number): string => {
    const seen = Math.max(looked.get(value.name)?.seen ?? 0, low + bits);
    looked.set(value.name, { ...value, seen });
    return slice(value, low, bits);
  };

  /** A register that takes what is on the right, always or with a step. */
  const register = (value: Value, next: string, withStep: boolean): void => {
    declarations.push(declaration('reg', value));
    if (withStep) onStep.push(`      ${value.name} <= ${next};`);
    else always.push(`    ${value.name} <= ${next};`);
  };

  const sum = (node: GraphNode & { kind: 'add' }, { bits }: Value, stage: number): string => {
    const a = at(node.a, stage - 1);
    const b = at(node.b, stage - 1);
    const low = Math.min(node.shift, bits);
    const high = bits - low;
    const sign = node.subtract ? '-' : '+';
    const added = high === 0 ? '' : `${part(a, low, high)} ${sign} ${part(b, 0, high)}`;
    if (low === 0) return added;
    return high === 0 ? part(a, 0, low) : `{${added}, ${part(a, 0, low)}}`;
  };

  /** The first register of a delay is that of a state; others are its own. */
  const delay = (node: GraphNode & { kind: 'delay' }, index: number, own: Value): void => {
    const state = isState(graph, node.a);
    const source = state ? at(node.a, stateStage) : at(node.a, stateStage - 1);
    let before = part(source, 0, own.bits);
    for (let step = Number(state); step < node.steps; step += 1) {
      const kept = { name: `n${index}_z${step}`, bits: own.bits };
      register(kept, before, true);
      before = kept.name;
    }
    declarations.push(declaration('wire', own), `  assign ${own.name} = ${before};`);
  };

  nodes.forEach((node, index) => {
    const own = at(index, stageOf(index));
    switch (node.kind) {
      case 'input': {
        const wires: Value = { name: `in${node.input}`, bits: ports.inputBits };
        const { bits } = wires;
        declarations.push(
          declaration('wire', wires),
          `  assign ${wires.name} = ${ports.inputs}[${(node.input + 1) * bits - 1}:${node.input * bits}];`,
          declaration('wire', own),
          `  assign ${own.name} = ${ports.inputsSigned ? wires.name : `{1'b0, ${wires.name}}`};`,
        );
        break;
      }
      case 'delay':
        delay(node, index, own);
        break;
      case 'negate':
        register(own, `${own.bits}'d0 - ${part(at(node.a, latency - 1), 0, own.bits)}`, false);
        break;
      case 'add':
        register(own, sum(node, own, stageOf(index)), isState(graph, index));
        break;
    }
    for (let stage = stageOf(index) + 1; stage <= present(last[index], 'a use'); stage += 1) {
      register(at(index, stage), part(at(index, stage - 1), 0, own.bits), false);
    }
  });
  graph.outputs.forEach((output, index) => {
    const { outputs, outputBits: bits } = ports;
    let value = `${bits}'d0`;
    if (output !== null) {
      const result = at(output.node, latency);
      part(result, 0, result.bits);
      value = shifted(result, output.shift, bits);
    }
    declarations.push(`  assign ${outputs}[${(index + 1) * bits - 1}:${index * bits}] = ${value};`);
  });
  const unused = nodes.flatMap((_, index) => {
    const { name, bits } = at(index, stageOf(index));
    const seen = looked.get(name)?.seen ?? 0;
    return seen >= bits ? [] : [seen === 0 ? name : `${name}[${bits - 1}:${seen}]`];
  });
  return [
    ...declarations,
    ...(unused.length === 0 ? [] : [`  wire unused_bits = &{1'b0, ${unused.join(', ')}};`]),
    '  always @(posedge clk_i) begin',
    ...always,
    ...(onStep.length === 0
      ? []
      : [`    if (${ports.steps}[${stateStage - 1}]) begin`, ...onStep, '    end']),
    '  end',
  ].join('\n');
}
