import { present } from '../../base/invariant.ts';
import type { Term } from '../../ir/adder-graph.ts';
import type { GraphBuilder } from './graph-builder.ts';

/** More nodes and shifts than there are. */
const keyNodes = 2 ** 18;
const keyShifts = 64;

/** Two terms up to a common shift and sign, as a number. */
function pairKey(one: Term, other: Term): number {
  const [first, second] = inOrder(one, other) ? [one, other] : [other, one];
  const shift = second.shift - first.shift + keyShifts / 2;
  const sign = Number(first.negative !== second.negative);
  return ((first.node * keyNodes + second.node) * keyShifts + shift) * 2 + sign;
}

function inOrder(one: Term, other: Term): boolean {
  return one.node < other.node || (one.node === other.node && one.shift <= other.shift);
}

/** How often a pair occurs in all sums together, and the full adders each time. */
interface Pair {
  count: number;
  readonly bits: number;
  readonly depth: number;
  readonly one: Term;
  readonly other: Term;
}

/** Every pair that occurs in some sum. */
class PairTable {
  readonly #pairs = new Map<number, Pair>();
  readonly #builder: GraphBuilder;

  constructor(builder: GraphBuilder) {
    this.#builder = builder;
  }

  /** Counts the pairs of a sum with one more term, or one less. */
  count(terms: readonly Term[], term: Term, change: 1 | -1): void {
    for (const other of terms) {
      const key = pairKey(term, other);
      const known = this.#pairs.get(key);
      if (known !== undefined) {
        known.count += change;
        if (known.count === 0) this.#pairs.delete(key);
        continue;
      }
      const builder = this.#builder;
      const bits = builder.cost(term, other);
      const depth = Math.max(builder.depth(term), builder.depth(other));
      this.#pairs.set(key, { count: change, bits, depth, one: term, other });
    }
  }

  /** The pair that saves most full adders when it is made once; null where none saves any. */
  best(): { readonly key: number; readonly pair: Pair } | null {
    let best: { key: number; pair: Pair } | null = null;
    let saved = 0;
    for (const [key, pair] of this.#pairs) {
      const saves = (pair.count - 1) * pair.bits;
      if (saves < saved || saves === 0) continue;
      const better =
        best === null ||
        saves > saved ||
        pair.depth < best.pair.depth ||
        (pair.depth === best.pair.depth && key < best.key);
      if (!better) continue;
      best = { key, pair };
      saved = saves;
    }
    return best;
  }

  /** A pair turned out to occur once only. */
  drop(key: number): void {
    this.#pairs.delete(key);
  }
}

/**
 * Makes pairs of terms that occur in several sums once, the one that saves most full adders first,
 * until none occurs twice (greedy common subexpression elimination; Hartley 1996, and over
 * many variables Hosangadi, Fallah and Kastner 2006). What is left of every sum has the same value.
 */
export function shareTerms(
  builder: GraphBuilder,
  sums: readonly (readonly Term[])[],
): readonly (readonly Term[])[] {
  const left: Term[][] = sums.map(() => []);
  const table = new PairTable(builder);
  const insert = (sum: Term[], term: Term): void => {
    table.count(sum, term, 1);
    sum.push(term);
  };
  const remove = (sum: Term[], term: Term): void => {
    sum.splice(sum.indexOf(term), 1);
    table.count(sum, term, -1);
  };
  sums.forEach((terms, index) => {
    for (const term of terms) insert(present(left[index], 'a sum'), term);
  });
  for (let best = table.best(); best !== null; best = table.best()) {
    const { key } = best;
    const found = left.map((terms) => occurrences(terms, key));
    if (found.reduce((count, pairs) => count + pairs.length, 0) < 2) {
      table.drop(key);
      continue;
    }
    found.forEach((pairs, index) => {
      const sum = present(left[index], 'a sum');
      for (const [one, other] of pairs) {
        remove(sum, one);
        remove(sum, other);
        insert(sum, builder.add(one, other));
      }
    });
  }
  return left;
}

/** Pairs of a sum that are the one of the key, none with a term of another. */
function occurrences(terms: readonly Term[], key: number): readonly (readonly [Term, Term])[] {
  const pairs: [Term, Term][] = [];
  const used = new Set<Term>();
  const sorted = [...terms].sort((one, other) => one.shift - other.shift);
  sorted.forEach((one, index) => {
    for (const other of sorted.slice(index + 1)) {
      if (used.has(one)) return;
      if (used.has(other) || pairKey(one, other) !== key) continue;
      pairs.push([one, other]);
      used.add(one);
      used.add(other);
    }
  });
  return pairs;
}
