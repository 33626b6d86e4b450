import { present } from '../../base/invariant.ts';
import type { AdderGraph, Term } from '../../ir/adder-graph.ts';
import type { IntegerRange } from '../../ir/quantized.ts';
import { adderBits, GraphBuilder } from './graph-builder.ts';
import { shareTerms } from './share-terms.ts';
import { signedDigits } from './signed-digits.ts';

/** Constants of a unit that takes a column of inputs a step. */
export interface ColumnMatrix {
  readonly inputs: number;
  readonly outputs: number;
  /** Steps whose columns an output depends on. */
  readonly columns: number;
  /** Weight at (output * columns + column) * inputs + input; column 0 is the oldest one. */
  readonly weights: ArrayLike<number>;
  /** Of every input; holds 0. */
  readonly inputRange: IntegerRange;
  /** Steps from one column to the next. */
  readonly columnSteps: number;
}

/**
 * An adder graph of the constants in transposed form: at every step each output is the sum over its
 * columns of weight x input. Products of all outputs and columns share what they have in common;
 * an output waits for its next column as one sum, not as many inputs. Zero weights cost nothing,
 * and all together no more than `wirePlainly` takes. Deterministic.
 */
export function wireMatrix(matrix: ColumnMatrix): AdderGraph {
  const plain = wirePlainly(matrix);
  const shared = wired(matrix, shareTerms);
  return graphBits(shared) <= graphBits(plain) ? shared : plain;
}

/** The same with every weight for itself, digit by digit; equal sums are still made once. */
export function wirePlainly(matrix: ColumnMatrix): AdderGraph {
  return wired(matrix, (_, sums) => sums);
}

/** Full adders of a graph. */
export function graphBits({ nodes }: AdderGraph): number {
  return nodes.reduce((sum, node) => sum + adderBits(node), 0);
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
    let sum: Term | null = null;
    for (let column = 0; column < columns; column += 1) {
      if (sum !== null) sum = builder.delay(sum, columnSteps);
      const product = sumOf(builder, present(left[output * columns + column], 'a product'));
      if (product === null) continue;
      sum = sum === null ? product : builder.add(sum, product);
    }
    return sum === null ? null : builder.positive(sum);
  });
  return { nodes: builder.nodes, outputs: found };
}

/** Adds the terms up, those first that make the shortest and cheapest sums. */
function sumOf(builder: GraphBuilder, terms: readonly Term[]): Term | null {
  const left = [...terms];
  while (left.length > 1) {
    let best: { one: Term; other: Term; depth: number; cost: number } | null = null;
    for (const [index, one] of left.entries()) {
      for (const other of left.slice(index + 1)) {
        const depth = Math.max(builder.depth(one), builder.depth(other));
        if (best !== null && depth > best.depth) continue;
        const cost = builder.cost(one, other);
        if (best !== null && depth === best.depth && cost >= best.cost) continue;
        best = { one, other, depth, cost };
      }
    }
    const { one, other } = present(best, 'two terms');
    left.splice(left.indexOf(one), 1);
    left.splice(left.indexOf(other), 1);
    left.push(builder.add(one, other));
  }
  return left[0] ?? null;
}
