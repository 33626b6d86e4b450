import { ceilLog2 } from '../../base/bits.ts';
import { invariant, present } from '../../base/invariant.ts';
import type { GraphNode, Term } from '../../ir/adder-graph.ts';
import type { IntegerRange } from '../../ir/quantized.ts';

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
    const node = this.#node(`i ${input}`, 0, () => [
      { kind: 'input', input, range: this.#inputRange },
      new Map([[input, 1]]),
    ]);
    return { node, shift: 0, negative: false };
  }

  depth({ node }: Term): number {
    return present(this.#depths[node], 'a node');
  }

  /** The sum of two or three terms. */
  add(terms: readonly Term[]): Term {
    invariant(terms.length === 2 || terms.length === 3, `a sum of ${terms.length}`);
    const { inner, shift, negative } = aligned(terms);
    return { node: this.#sum('add', inner), shift, negative };
  }

  /** The sum of one or two terms, for outputs. */
  result(terms: readonly Term[]): Term {
    invariant(terms.length === 1 || terms.length === 2, `a result of ${terms.length}`);
    const shift = Math.min(...terms.map((term) => term.shift));
    const inner = terms.map((term) => ({ ...term, shift: term.shift - shift }));
    return { node: this.#sum('result', inner.sort(inOrder)), shift, negative: false };
  }

  delay(term: Term, steps: number): Term {
    const node = this.#node(`z ${term.node} ${steps}`, this.depth(term), () => {
      const { range } = present(this.nodes[term.node], 'a node');
      const moved = Array.from(this.#of(term.node), ([place, value]): [number, number] => {
        return [place + steps * this.#inputs, value];
      });
      return [{ kind: 'delay', a: term.node, steps, range }, new Map(moved)];
    });
    return { ...term, node };
  }

  /** LUTs that the sum of two or three terms takes, about; 0 where it is there already. */
  cost(terms: readonly Term[]): number {
    const { inner } = aligned(terms);
    if (this.#known.has(keyOf('add', inner))) return 0;
    const tops = inner.map(({ node, shift }) => shift + this.#bits(this.#of(node)));
    const [, low = 0] = inner.map(({ shift }) => shift);
    const [, second = 0] = tops.sort((one, other) => other - one);
    // bits of the widest term alone only pass a carry on
    const high = Math.min(this.#bits(this.#total(inner)), second + inner.length - 2);
    return Math.max(1, high - low);
  }

  #of(node: number): Coefficients {
    return present(this.#coefficients[node], 'a node');
  }

  #total(terms: readonly Term[]): Coefficients {
    const sum = new Map<number, number>();
    for (const { node, shift, negative } of terms) {
      const factor = (negative ? -1 : 1) * 2 ** shift;
      for (const [place, value] of this.#of(node)) {
        sum.set(place, (sum.get(place) ?? 0) + factor * value);
      }
    }
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

  /** Of a value kept from its least one on. */
  #bits(coefficients: Coefficients): number {
    const { minimum, maximum } = this.#rangeOf(coefficients);
    return ceilLog2(maximum - minimum + 1);
  }

  #sum(kind: 'add' | 'result', terms: readonly Term[]): number {
    const depth = 1 + Math.max(...terms.map((term) => this.depth(term)));
    return this.#node(keyOf(kind, terms), depth, () => {
      const coefficients = this.#total(terms);
      return [{ kind, terms, range: this.#rangeOf(coefficients) }, coefficients];
    });
  }

  #node(key: string, depth: number, make: () => readonly [GraphNode, Coefficients]): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const node = this.nodes.length;
    const [made, coefficients] = make();
    this.nodes.push(made);
    this.#coefficients.push(coefficients);
    this.#depths.push(depth);
    this.#known.set(key, node);
    return node;
  }
}

/** Terms up to a common shift and sign: the first one is positive and not shifted. */
export interface AlignedTerms {
  readonly inner: readonly Term[];
  readonly shift: number;
  readonly negative: boolean;
}

/** The term of the smallest shift stands first: its low bits need no adder. */
export function aligned(terms: readonly Term[]): AlignedTerms {
  const sorted = [...terms].sort(inOrder);
  const { shift, negative } = present(sorted[0], 'a term');
  const inner = sorted.map((term) => ({
    node: term.node,
    shift: term.shift - shift,
    negative: term.negative !== negative,
  }));
  return { inner, shift, negative };
}

/** Of two terms of one shift the positive one stands first. */
function inOrder(one: Term, other: Term): number {
  return (
    one.shift - other.shift ||
    Number(one.negative) - Number(other.negative) ||
    one.node - other.node
  );
}

/** Names a sum of aligned terms. */
export function keyOf(kind: string, terms: readonly Term[]): string {
  let key = kind;
  for (const { node, shift, negative } of terms) key += ` ${negative ? '-' : '+'}${node}<${shift}`;
  return key;
}
