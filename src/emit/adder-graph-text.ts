import { present } from '../base/invariant.ts';
import type { ScheduledGraph } from '../ir/adder-graph.ts';
import { addedBits, storedForms } from '../plan/wired/offset-form.ts';
import type { StoredForm, Word } from '../plan/wired/offset-form.ts';
import { isState, lastUses } from '../plan/wired/schedule-graph.ts';
import { shiftEnds } from '../plan/wired/shift-ends.ts';
import type { ShiftEnds } from '../plan/wired/shift-ends.ts';

/** Wires around the text of an adder graph, declared outside. */
export interface GraphPorts {
  /** All inputs, the first least significant, `inputBits` each. */
  readonly inputs: string;
  readonly inputBits: number;
  readonly inputsSigned: boolean;
  /** Bit t: the values of stage t belong to a step. */
  readonly steps: string;
  /** All outputs, two's complement of `outputBits` each. */
  readonly outputs: string;
  readonly outputBits: number;
}

/** A register or wire. */
interface Value {
  readonly name: string;
  readonly bits: number;
}

/** When a register takes what comes: in every cycle or with a step; with a reset it is in no shift register. */
interface RegisterForm {
  readonly withStep: boolean;
  readonly withReset: boolean;
}

/**
 * Declarations, an instance for every sum of three words, and one clocked block: a register a value and
 * stage. A sum is there one cycle after those it is made of; what is kept for later steps changes with
 * a step in the stage before the state. Registers of `shiftEnds` have a reset, `rst_ni`.
 */
export function adderGraphText(graph: ScheduledGraph, ports: GraphPorts): string {
  return new GraphText(graph, ports).text();
}

class GraphText {
  readonly #graph: ScheduledGraph;
  readonly #ports: GraphPorts;
  readonly #forms: readonly StoredForm[];
  readonly #ends: ShiftEnds;
  readonly #declarations: string[] = [];
  readonly #always: string[] = [];
  readonly #onStep: string[] = [];
  /** Of the registers on a step those with a reset. */
  readonly #resets: string[] = [];
  readonly #onStepWithReset: string[] = [];
  /** By name: bits from 0 on that something looks at. */
  readonly #looked = new Map<string, number>();

  constructor(graph: ScheduledGraph, ports: GraphPorts) {
    this.#graph = graph;
    this.#ports = ports;
    this.#forms = storedForms(graph);
    this.#ends = shiftEnds(graph);
  }

  text(): string {
    const { nodes, outputs, latency } = this.#graph;
    const last = lastUses(this.#graph);
    const step = `${this.#ports.steps}[${latency - 1}]`;
    nodes.forEach((_, index) => {
      this.#node(index);
      for (let stage = this.#stage(index) + 1; stage <= present(last[index], 'a use'); stage += 1) {
        const before = this.#at(index, stage - 1);
        const withReset = this.#ends.atStage(index, stage);
        const form = { withStep: false, withReset };
        this.#register(this.#at(index, stage), this.#slice(before, before.bits), form);
      }
    });
    outputs.forEach((_, output) => {
      this.#output(output);
    });
    return [
      ...this.#declarations,
      ...this.#unused(),
      '  always @(posedge clk_i) begin',
      ...this.#always,
      ...(this.#onStep.length === 0 ? [] : [`    if (${step}) begin`, ...this.#onStep, '    end']),
      ...(this.#resets.length === 0
        ? []
        : [
            '    if (!rst_ni) begin',
            ...this.#resets,
            `    end else if (${step}) begin`,
            ...this.#onStepWithReset,
            '    end',
          ]),
      '  end',
    ].join('\n');
  }

  #stage(node: number): number {
    return present(this.#graph.stages[node], 'a stage');
  }

  #form(node: number): StoredForm {
    return present(this.#forms[node], 'a node');
  }

  /** A node in a stage. */
  #at(node: number, stage: number): Value {
    const name = stage === this.#stage(node) ? `n${node}` : `n${node}_${stage}`;
    return { name, bits: this.#form(node).bits };
  }

  #node(index: number): void {
    const node = present(this.#graph.nodes[index], 'a node');
    const own = this.#at(index, this.#stage(index));
    switch (node.kind) {
      case 'input':
        this.#wire(own, this.#input(node.input));
        break;
      case 'delay':
        this.#delay(node.a, node.steps, index);
        break;
      case 'add':
      case 'result':
        this.#register(own, this.#sum(index), {
          withStep: isState(this.#graph, index),
          withReset: this.#ends.atStage(index, this.#stage(index)),
        });
        break;
    }
  }

  /** From the least number on: the sign turned over. */
  #input(input: number): string {
    const { inputs, inputBits: bits, inputsSigned } = this.#ports;
    const first = input * bits;
    const top = first + bits - 1;
    if (!inputsSigned) return `${inputs}[${top}:${first}]`;
    return bits === 1
      ? `~${inputs}[${top}]`
      : `{~${inputs}[${top}], ${inputs}[${top - 1}:${first}]}`;
  }

  /** The words of a sum in one expression or an instance. */
  #sum(index: number): string {
    const form = this.#form(index);
    const { bits, constant } = form;
    const before = this.#stage(index) - 1;
    const { low, high, words } = addedBits(form);
    const fixed = constant === 0 ? [] : [`${bits}'d${constant}`];
    if (words < 3) {
      // Yosys wants the word that is not turned over for the carry chain last
      const inOrder = [...form.words].sort(
        (one, other) => Number(other.complement) - Number(one.complement),
      );
      return [...inOrder.map((word) => this.#word(word, before, bits)), ...fixed].join(' + ');
    }
    // the widest first: from bit High on the instance adds it to nothing but carries
    const operands = [
      ...form.words.map((word) => ({
        text: this.#word(word, before, bits, word.complement),
        top: topOf(word, bits),
        inverted: word.complement,
      })),
      ...fixed.map((text) => ({ text, top: bits, inverted: false })),
    ].sort((one, other) => other.top - one.top);
    const [a = '', b = '', c = ''] = operands.map(({ text }) => text);
    const invert = operands.reduce((sum, { inverted }, at) => sum + Number(inverted) * 2 ** at, 0);
    const wire = { name: `s${index}`, bits };
    this.#declarations.push(
      declaration('wire', wire),
      `  ternary_sum #(.Bits(${bits}), .Low(${low}), .High(${high}), .Invert(${invert})) u_s${index} (`,
      `    .a_i(${a}), .b_i(${b}), .c_i(${c}), .sum_o(${wire.name})`,
      '  );',
    );
    return wire.name;
  }

  /** A word in so many bits, or all of them turned over. */
  #word(
    { node, shift, bits: own, complement, above }: Word,
    stage: number,
    bits: number,
    inverted = false,
  ): string {
    const zeros = Math.min(bits, shift);
    const taken = Math.min(own, bits - zeros);
    const more = bits - zeros - taken;
    const number = (value: number, count: number): readonly string[] => {
      return count === 0 ? [] : [`${count}'d${inverted ? 2 ** count - 1 - value : value}`];
    };
    const value = taken === 0 ? [] : [this.#slice(this.#at(node, stage), taken)];
    return joined([
      ...number(above, more),
      ...value.map((text) => (complement !== inverted ? `~${text}` : text)),
      ...number(0, zeros),
    ]);
  }

  /** The first register of a delay is that of a state; others are its own. */
  #delay(a: number, steps: number, index: number): void {
    const { latency } = this.#graph;
    const state = isState(this.#graph, a);
    const own = this.#at(index, this.#stage(index));
    let before = this.#slice(this.#at(a, state ? latency : latency - 1), own.bits);
    for (let step = Number(state); step < steps; step += 1) {
      const kept = { name: `n${index}_z${step}`, bits: own.bits };
      const withReset = this.#ends.atStep(index, step);
      this.#register(kept, before, { withStep: true, withReset });
      before = kept.name;
    }
    this.#wire(own, before);
  }

  #output(index: number): void {
    const { outputs, outputBits: bits } = this.#ports;
    const output = this.#graph.outputs[index] ?? null;
    let value = `${bits}'d0`;
    if (output !== null) {
      const { shift } = output;
      const result = this.#at(output.node, this.#graph.latency);
      const sign = result.bits === 1 ? result.name : `${result.name}[${result.bits - 1}]`;
      const signs = bits - shift - result.bits;
      value = joined([
        ...(signs === 0 ? [] : [signs === 1 ? sign : `{${signs}{${sign}}}`]),
        this.#slice(result, result.bits),
        ...(shift === 0 ? [] : [`${shift}'d0`]),
      ]);
    }
    this.#declarations.push(
      `  assign ${outputs}[${(index + 1) * bits - 1}:${index * bits}] = ${value};`,
    );
  }

  /** The low bits of a value. */
  #slice({ name, bits }: Value, count: number): string {
    this.#looked.set(name, Math.max(this.#looked.get(name) ?? 0, count));
    if (count === bits) return name;
    return count === 1 ? `${name}[0]` : `${name}[${count - 1}:0]`;
  }

  /** A register that takes what is on the right. */
  #register(value: Value, next: string, { withStep, withReset }: RegisterForm): void {
    const { name, bits } = value;
    const zero = `${bits}'d0`;
    this.#declarations.push(declaration('reg', value));
    if (!withStep) {
      this.#always.push(`    ${name} <= ${withReset ? `rst_ni ? ${next} : ${zero}` : next};`);
    } else if (withReset) {
      this.#resets.push(`      ${name} <= ${zero};`);
      this.#onStepWithReset.push(`      ${name} <= ${next};`);
    } else {
      this.#onStep.push(`      ${name} <= ${next};`);
    }
  }

  #wire(value: Value, driver: string): void {
    this.#declarations.push(declaration('wire', value), `  assign ${value.name} = ${driver};`);
  }

  /** High bits that nothing looks at. */
  #unused(): readonly string[] {
    const unused = this.#graph.nodes.flatMap((_, index) => {
      const { name, bits } = this.#at(index, this.#stage(index));
      const seen = this.#looked.get(name) ?? 0;
      if (seen >= bits) return [];
      return [seen === 0 ? name : `${name}[${bits - 1}:${seen}]`];
    });
    return unused.length === 0 ? [] : [`  wire unused_bits = &{1'b0, ${unused.join(', ')}};`];
  }
}

/** Number of bits in which a word is not 0. */
function topOf({ shift, bits, above }: Word, all: number): number {
  return above === 0 ? shift + bits : all;
}

function joined(parts: readonly string[]): string {
  return parts.length === 1 ? parts.join('') : `{${parts.join(', ')}}`;
}

function declaration(kind: 'reg' | 'wire', { name, bits }: Value): string {
  return `  ${kind} ${bits === 1 ? '' : `[${bits - 1}:0] `}${name};`;
}
