import { ceilLog2 } from '../../base/bits.ts';
import { invariant, present } from '../../base/invariant.ts';
import type { GraphNode, Term } from '../../ir/adder-graph.ts';
import type { IntegerRange } from '../../ir/quantized.ts';

/**
 * What inputs are multiplied by in a node: at a place, age * inputs + input, stands the input of so many
 * steps before this one. Places ascend.
 */
interface Coefficients {
  readonly places: readonly number[];
  readonly values: readonly number[];
}

/** Collects nodes; equal ones are made once. */
export class GraphBuilder {
  readonly nodes: GraphNode[] = [];
  readonly #inputs: number;
  readonly #inputRange: IntegerRange;
  readonly #coefficients: Coefficients[] = [];
  /** Additions on a longest path to the node. */
  readonly #depths: number[] = [];
  /** Of a node's value, kept from its least one on. */
  readonly #widths: number[] = [];
  readonly #known = new Map<string, number>();

  /** All inputs have one range, which holds 0. */
  constructor(inputs: number, inputRange: IntegerRange) {
    this.#inputs = inputs;
    this.#inputRange = inputRange;
  }

  input(input: number): Term {
    const node = this.#node(`i ${input}`, 0, () => [
      { kind: 'input', input, range: this.#inputRange },
      { places: [input], values: [1] },
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
      const { places, values } = this.#of(term.node);
      const moved = places.map((place) => place + steps * this.#inputs);
      return [
        { kind: 'delay', a: term.node, steps, range },
        { places: moved, values },
      ];
    });
    return { ...term, node };
  }

  /**
   * LUTs that the sum of two or three terms takes, about; 0 where it is among the first `made` nodes,
   * all there are unless told.
   */
  cost(terms: readonly Term[], made = this.nodes.length): number {
    const { inner } = aligned(terms);
    const known = this.#known.get(keyOf('add', inner));
    if (known !== undefined && known < made) return 0;
    let [widest, second] = [0, 0];
    for (const { node, shift } of inner) {
      const top = shift + present(this.#widths[node], 'a node');
      if (top > widest) [widest, second] = [top, widest];
      else if (top > second) second = top;
    }
    const low = inner[1]?.shift ?? 0;
    // bits of the widest term alone only pass a carry on
    const high = Math.min(
      this.#width(this.#rangeOf(this.#total(inner))),
      second + inner.length - 2,
    );
    return Math.max(1, high - low);
  }

  #of(node: number): Coefficients {
    return present(this.#coefficients[node], 'a node');
  }

  #total(terms: readonly Term[]): Coefficients {
    let sum: Coefficients = { places: [], values: [] };
    for (const { node, shift, negative } of terms)
      sum = added(sum, this.#of(node), (negative ? -1 : 1) * 2 ** shift);
    return sum;
  }

  #rangeOf({ values }: Coefficients): IntegerRange {
    const { minimum, maximum } = this.#inputRange;
    let low = 0;
    let high = 0;
    for (const value of values) {
      low += value * (value < 0 ? maximum : minimum);
      high += value * (value < 0 ? minimum : maximum);
    }
    return { minimum: low, maximum: high };
  }

  #width({ minimum, maximum }: IntegerRange): number {
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
    this.#widths.push(this.#width(this.#rangeOf(coefficients)));
    this.#depths.push(depth);
    this.#known.set(key, node);
    return node;
  }
}

/** The sum of one with `factor` times another. */
function added(one: Coefficients, other: Coefficients, factor: number): Coefficients {
  const places: number[] = [];
  const values: number[] = [];
  let [at, from] = [0, 0];
  while (at < one.places.length || from < other.places.length) {
    const here = one.places[at] ?? Infinity;
    const there = other.places[from] ?? Infinity;
    places.push(Math.min(here, there));
    values.push(
      (here <= there ? (one.values[at] ?? 0) : 0) +
        (there <= here ? factor * (other.values[from] ?? 0) : 0),
    );
    if (here <= there) at += 1;
    if (there <= here) from += 1;
  }
  return { places, values };
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
export function inOrder(one: Term, other: Term): number {
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
