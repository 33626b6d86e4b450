import type { ColumnMatrix } from '../../src/plan/wired/wire-matrix.ts';
import { integerBetween } from '../evaluate/random-graph.ts';
import type { Random } from '../evaluate/random-graph.ts';

/** Up to 12 sums over up to 4 columns of up to 6 inputs; some sparse, some of few different weights. */
export function randomMatrix(random: Random): ColumnMatrix {
  const inputs = integerBetween(random, 1, 6);
  const outputs = integerBetween(random, 1, 12);
  const columns = integerBetween(random, 1, 4);
  const signed = random() < 0.5;
  const bits = integerBetween(random, 2, 8);
  const largest = 2 ** integerBetween(random, 1, 7) - 1;
  const density = random();
  return {
    inputs,
    outputs,
    columns,
    weights: Int16Array.from({ length: inputs * outputs * columns }, () =>
      random() < density ? integerBetween(random, -largest, largest) : 0,
    ),
    inputRange: signed
      ? { minimum: -(2 ** (bits - 1)), maximum: 2 ** (bits - 1) - 1 }
      : { minimum: 0, maximum: 2 ** bits - 1 },
    columnSteps: integerBetween(random, 1, 3),
  };
}
