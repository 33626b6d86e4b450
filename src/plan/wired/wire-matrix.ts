import { present } from '../../base/invariant.ts';
import type { AdderGraph, Term } from '../../ir/adder-graph.ts';
import type { IntegerRange } from '../../ir/quantized.ts';
import { GraphBuilder } from './graph-builder.ts';
import { graphLuts } from './offset-form.ts';
import { choices, shareTerms } from './share-terms.ts';
import { signedDigits } from './signed-digits.ts';

/** Constants of a unit that takes a column of inputs a step. */
export interface ColumnMatrix {
  readonly inputs: number;
  readonly outputs: number;
  /** Steps whose columns an output depends on. */
  readonly columns: number;
  /** Weight at (output * columns + column) * inputs + input; column 0 is the oldest one. */
  readonly weights: ArrayLike<number>;
  /** Of every input: all numbers of some bits, with or without sign. */
  readonly inputRange: IntegerRange;
  /** Steps from one column to the next. */
  readonly columnSteps: number;
}

/** Words that an adder adds up. */
const adderWords = 3;
/** Terms of a sum, the earliest ones, among which those to add up are looked for. */
const mostChoices = 12;

/**
 * An adder graph of the constants in transposed form: at every step each output is the sum over its
 * columns of weight x input. Products of all outputs and columns share what they have in common;
 * an output waits for its next column as one sum, not as many inputs. Zero weights cost nothing,
 * and all together no more than `wirePlainly` takes. Deterministic.
 */
export function wireMatrix(matrix: ColumnMatrix): AdderGraph {
  const plain = wirePlainly(matrix);
  const shared = wired(matrix, shareTerms);
  return graphLuts(shared) <= graphLuts(plain) ? shared : plain;
}

/** The same with every weight for itself, digit by digit; equal sums are still made once. */
export function wirePlainly(matrix: ColumnMatrix): AdderGraph {
  return wired(matrix, (_, sums) => sums);
}

function wired(matrix: ColumnMatrix, share: typeof shareTerms): AdderGraph {
  const { inputs, outputs, columns, weights, inputRange, columnSteps } = matrix;
  const builder = new GraphBuilder(inputs, inputRange);
  const given = Array.from({ length: inputs }, (_, input) => builder.input(input));
  const products = Array.from({ length: outputs * columns }, (_, product) =>
    given.flatMap(({ node }, input): readonly Term[] =>
      signedDigits(weights[product * inputs + input] ?? 0).map((digit) => ({ node, ...digit })),
    ),
  );
  const left = share(builder, products);
  const found = Array.from({ length: outputs }, (_, output): Term | null => {
    const own = left.slice(output * columns, (output + 1) * columns);
    const last = own.findLastIndex((terms) => terms.length > 0);
    let sum: Term | null = null;
    for (const [column, terms] of own.entries()) {
      const before: readonly Term[] = sum === null ? [] : [builder.delay(sum, columnSteps)];
      const isLast = column === last;
      // what makes a result one in two's complement takes the place of a word
      const words = adderWords - before.length - Number(isLast);
      const all = [...before, ...merged(builder, terms, words)];
      if (isLast) sum = builder.result(all);
      else sum = all.length > 1 ? builder.add(all) : (all[0] ?? null);
    }
    return sum;
  });
  return { nodes: builder.nodes, outputs: found };
}

/** Adds terms up until so many are left, those first that make the shortest and cheapest sums. */
function merged(builder: GraphBuilder, terms: readonly Term[], words: number): readonly Term[] {
  let left = terms;
  while (left.length > words) {
    const size = Math.min(adderWords, left.length - words + 1);
    const depthOf = (term: Term): number => builder.depth(term);
    const earliest = [...left].sort((one, other) => depthOf(one) - depthOf(other));
    let best: { group: readonly Term[]; depth: number; luts: number } | null = null;
    for (const group of choices(earliest.slice(0, mostChoices), size)) {
      const depth = Math.max(...group.map(depthOf));
      if (best !== null && depth > best.depth) continue;
      const luts = builder.cost(group);
      if (best !== null && depth === best.depth && luts >= best.luts) continue;
      best = { group, depth, luts };
    }
    const { group } = present(best, 'a group of terms');
    left = [...left.filter((term) => !group.includes(term)), builder.add(group)];
  }
  return left;
}
