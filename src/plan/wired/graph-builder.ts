import { signedBits } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { GraphNode, Term } from '../../ir/adder-graph.ts';
import type { IntegerRange } from '../../ir/quantized.ts';

/** Bits of a node in two's complement. */
export function nodeBits({ range }: GraphNode): number {
  return signedBits(range.minimum, range.maximum);
}

/** Full adders of a node; 0 where nothing is added. */
export function adderBits(node: GraphNode): number {
  switch (node.kind) {
    case 'add':
      return Math.max(1, nodeBits(node) - node.shift);
    case 'negate':
      return nodeBits(node);
    case 'input':
    case 'delay':
      return 0;
  }
}

/** By input and step before this one, age * inputs + input: what it is multiplied by in a node. */
type Coefficients = ReadonlyMap<number, number>;

/** Collects nodes; equal ones are made once. */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly #inputs: number;
  readonly #inputRange: IntegerRange;
  readonly #coefficients: Coefficients[] = [];
  /** Additions on a longest path to the node. */
  readonly #depths: number[] = [];
  readonly #known = new Map<string, number>();

  /** All inputs have one range, which holds 0. */
  constructor(inputs: number, inputRange: IntegerRange) {
    this.#inputs = inputs;
    this.#inputRange = inputRange;
  }

  input(input: number): Term {
    return this.#node(`i ${input}`, 0, () => [
      { kind: 'input', input, range: this.#inputRange },
      new Map([[input, 1]]),
    ]);
  }

  depth({ node }: Term): number {
    return present(this.#depths[node], 'a node');
  }

  add(one: Term, other: Term): Term {
    const { a, b, shift, subtract, baseShift, negative } = aligned(one, other);
    const depth = 1 + Math.max(this.depth(one), this.depth(other));
    const { node } = this.#node(`+ ${a} ${b} ${shift} ${Number(subtract)}`, depth, () => {
      const coefficients = this.#sum(one, other);
      const range = this.#rangeOf(coefficients);
      return [{ kind: 'add', a, b, shift, subtract, range }, coefficients];
    });
    return { node, shift: baseShift, negative };
  }

  delay(term: Term, steps: number): Term {
    const { node } = this.#node(`z ${term.node} ${steps}`, this.depth(term), () => {
      const { range } = present(this.nodes[term.node], 'a node');
      const moved = Array.from(this.#of(term.node), ([place, value]): [number, number] => {
        return [place + steps * this.#inputs, value];
      });
      return [{ kind: 'delay', a: term.node, steps, range }, new Map(moved)];
    });
    return { ...term, node };
  }

  /** The same value, not negative. */
  positive(term: Term): Term {
    if (!term.negative) return term;
    const { node } = this.#node(`- ${term.node}`, this.depth(term) + 1, () => {
      const negated = Array.from(this.#of(term.node), ([place, value]): [number, number] => {
        return [place, -value];
      });
      const coefficients = new Map(negated);
      return [{ kind: 'negate', a: term.node, range: this.#rangeOf(coefficients) }, coefficients];
    });
    return { node, shift: term.shift, negative: false };
  }

  /** Full adders that the sum of two terms takes. */
  cost(one: Term, other: Term): number {
    const { minimum, maximum } = this.#rangeOf(this.#sum(one, other));
    return Math.max(1, signedBits(minimum, maximum) - Math.abs(one.shift - other.shift));
  }

  #of(node: number): Coefficients {
    return present(this.#coefficients[node], 'a node');
  }

  /** Coefficients of the node that adds two terms: its first operand is positive and not shifted. */
  #sum(one: Term, other: Term): Coefficients {
    const { a, b, shift, subtract } = aligned(one, other);
    const sum = new Map(this.#of(a));
    const factor = (subtract ? -1 : 1) * 2 ** shift;
    for (const [place, value] of this.#of(b))
      sum.set(place, (sum.get(place) ?? 0) + factor * value);
    return sum;
  }

  #rangeOf(coefficients: Coefficients): IntegerRange {
    const { minimum, maximum } = this.#inputRange;
    let low = 0;
    let high = 0;
    for (const value of coefficients.values()) {
      low += value * (value < 0 ? maximum : minimum);
      high += value * (value < 0 ? minimum : maximum);
    }
    return { minimum: low, maximum: high };
  }

  #node(key: string, depth: number, make: () => readonly [GraphNode, Coefficients]): Term {
    let node = this.#known.get(key);
    if (node === undefined) {
      node = this.nodes.length;
      const [made, coefficients] = make();
      this.nodes.push(made);
      this.#coefficients.push(coefficients);
      this.#depths.push(depth);
      this.#known.set(key, node);
    }
    return { node, shift: 0, negative: false };
  }
}

/** Two terms as a node adds them: (a +- (b << shift)) << baseShift, the whole negated or not. */
interface AlignedPair {
  readonly a: number;
  readonly b: number;
  readonly shift: number;
  readonly subtract: boolean;
  readonly baseShift: number;
  readonly negative: boolean;
}

/** The term of the smaller shift stands first and positive: its low bits need no adder. */
function aligned(one: Term, other: Term): AlignedPair {
  const [first, second] = standsFirst(one, other) ? [one, other] : [other, one];
  return {
    a: first.node,
    b: second.node,
    shift: second.shift - first.shift,
    subtract: first.negative !== second.negative,
    baseShift: first.shift,
    negative: first.negative,
  };
}

/** Of two terms of one shift the positive one stands first: fewer sums have to be negated. */
function standsFirst(one: Term, other: Term): boolean {
  if (one.shift !== other.shift) return one.shift < other.shift;
  if (one.negative !== other.negative) return other.negative;
  return one.node <= other.node;
}
