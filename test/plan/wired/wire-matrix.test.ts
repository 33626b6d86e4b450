import { describe, expect, it } from 'vitest';
import type { AdderGraph } from '../../../src/ir/adder-graph.ts';
import { addedBits, graphLuts, storedForms } from '../../../src/plan/wired/offset-form.ts';
import { lastUses, isState, scheduleGraph } from '../../../src/plan/wired/schedule-graph.ts';
import { signedDigits } from '../../../src/plan/wired/signed-digits.ts';
import { wireMatrix, wirePlainly } from '../../../src/plan/wired/wire-matrix.ts';
import type { ColumnMatrix } from '../../../src/plan/wired/wire-matrix.ts';
import { integerBetween, seededRandom } from '../../evaluate/random-graph.ts';
import { randomMatrix } from '../../support/random-matrix.ts';

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

/** Outputs of every step; inputs before the first step are 0. */
function evaluate(graph: AdderGraph, steps: readonly (readonly number[])[]): readonly number[][] {
  const history: number[][] = [];
  return steps.map((inputs, step) => {
    const values: number[] = [];
    const value = (node: number): number => values[node] ?? NaN;
    for (const node of graph.nodes) {
      switch (node.kind) {
        case 'input':
          values.push(inputs[node.input] ?? NaN);
          break;
        case 'add':
        case 'result':
          values.push(
            node.terms.reduce(
              (sum, term) => sum + (term.negative ? -1 : 1) * value(term.node) * 2 ** term.shift,
              0,
            ),
          );
          break;
        case 'delay':
          values.push(step < node.steps ? 0 : (history[step - node.steps]?.[node.a] ?? NaN));
          break;
      }
    }
    history.push(values);
    return graph.outputs.map((output) => {
      if (output === null) return 0;
      expect(output.negative).toBe(false);
      return value(output.node) * 2 ** output.shift;
    });
  });
}

/** The sum over columns, as it is defined. */
function product(matrix: ColumnMatrix, steps: readonly (readonly number[])[]): number[][] {
  const { inputs, outputs, columns, weights, columnSteps } = matrix;
  return steps.map((_, step) =>
    Array.from({ length: outputs }, (__, output) => {
      let sum = 0;
      for (let column = 0; column < columns; column += 1) {
        const taken = steps[step - (columns - 1 - column) * columnSteps];
        for (let input = 0; input < inputs; input += 1) {
          const weight = weights[(output * columns + column) * inputs + input] ?? NaN;
          sum += weight * (taken?.[input] ?? 0);
        }
      }
      return sum;
    }),
  );
}

describe('canonical signed digits', () => {
  it('write every number with no two digits next to each other', () => {
    for (let value = -300; value <= 300; value += 1) {
      const digits = signedDigits(value);
      const sum = digits.reduce((all, { shift, negative }) => {
        return all + (negative ? -1 : 1) * 2 ** shift;
      }, 0);
      expect(sum).toBe(value);
      digits.forEach(({ shift }, index) => {
        expect(shift - (digits[index - 1]?.shift ?? -2)).toBeGreaterThan(1);
      });
    }
  });
});

describe('an adder graph', () => {
  it.each(seeds)('is the matrix, seed %i', (seed) => {
    const random = seededRandom(seed);
    const matrix = randomMatrix(random);
    const { minimum, maximum } = matrix.inputRange;
    const graph = wireMatrix(matrix);
    const steps = Array.from({ length: 12 }, () =>
      Array.from({ length: matrix.inputs }, () => {
        const draw = random();
        if (draw < 0.2) return minimum;
        return draw < 0.4 ? maximum : integerBetween(random, minimum, maximum);
      }),
    );
    expect(evaluate(graph, steps).map((row) => row.map((sum) => sum + 0))).toEqual(
      product(matrix, steps).map((row) => row.map((sum) => sum + 0)),
    );
  });

  // in the last ones sharing alone would take more
  it.each([...seeds, 153, 207, 433])(
    'takes no more adders than weight by weight, seed %i',
    (seed) => {
      const matrix = randomMatrix(seededRandom(seed));
      expect(graphLuts(wireMatrix(matrix))).toBeLessThanOrEqual(graphLuts(wirePlainly(matrix)));
    },
  );

  it.each(seeds)('has ranges that are reached, seed %i', (seed) => {
    const matrix = { ...randomMatrix(seededRandom(seed)), columns: 1 };
    const { inputs, weights, inputRange } = matrix;
    const graph = wireMatrix(matrix);
    graph.outputs.forEach((output, index) => {
      if (output === null) return;
      const extreme = (most: boolean): number[] =>
        Array.from({ length: inputs }, (_, input) => {
          const weight = weights[index * inputs + input] ?? NaN;
          return weight < 0 === most ? inputRange.minimum : inputRange.maximum;
        });
      const [low, high] = [false, true].map((most) => evaluate(graph, [extreme(most)])[0]?.[index]);
      const { range } = graph.nodes[output.node] ?? { range: null };
      const scale = 2 ** output.shift;
      expect([(range?.minimum ?? NaN) * scale + 0, (range?.maximum ?? NaN) * scale + 0]).toEqual([
        (low ?? NaN) + 0,
        (high ?? NaN) + 0,
      ]);
    });
  });

  it('makes what several sums have in common once', () => {
    // 5a + 5b for two outputs and 10a + 10b: one sum a + b, one multiple of it and one result
    const weights = [5, 5, 5, 5, 10, 10];
    const inputRange = { minimum: 0, maximum: 255 };
    const matrix = { inputs: 2, outputs: 3, columns: 1, weights, inputRange, columnSteps: 1 };
    const graph = wireMatrix(matrix);
    expect(graph.nodes.filter(({ kind }) => kind === 'add')).toHaveLength(2);
    expect(graph.nodes.filter(({ kind }) => kind === 'result')).toHaveLength(1);
    expect(graphLuts(wirePlainly(matrix))).toBeGreaterThan(graphLuts(graph));
  });

  it('is the same every time', () => {
    const matrix = randomMatrix(seededRandom(5));
    expect(wireMatrix(matrix)).toEqual(wireMatrix(matrix));
  });
});

describe('the form in which values are kept', () => {
  it.each(seeds)('holds every value from its offset on, in its bits, seed %i', (seed) => {
    const random = seededRandom(seed);
    const matrix = { ...randomMatrix(random), columns: 1 };
    const { minimum, maximum } = matrix.inputRange;
    const graph = wireMatrix(matrix);
    const forms = storedForms(graph);
    for (let draw = 0; draw < 40; draw += 1) {
      const values: number[] = [];
      const kept: number[] = [];
      const inputs = Array.from({ length: matrix.inputs }, () =>
        draw < 20 ? integerBetween(random, minimum, maximum) : random() < 0.5 ? minimum : maximum,
      );
      graph.nodes.forEach((node, index) => {
        const { offset, bits, words, constant } = forms[index] ?? {
          offset: NaN,
          bits: NaN,
          words: [],
          constant: NaN,
        };
        const size = 2 ** bits;
        if (node.kind === 'delay') throw new Error('one column has no delays');
        if (node.kind === 'input') {
          values.push(inputs[node.input] ?? NaN);
          kept.push((values[index] ?? NaN) + offset);
        } else {
          values.push(
            node.terms.reduce(
              (sum, { node: from, shift, negative }) =>
                sum + (negative ? -1 : 1) * (values[from] ?? NaN) * 2 ** shift,
              0,
            ),
          );
          const sum = words.reduce((all, word) => {
            const taken = kept[word.node] ?? NaN;
            const own = word.complement ? 2 ** word.bits - 1 - taken : taken;
            return all + (own + word.above * 2 ** word.bits) * 2 ** word.shift;
          }, constant);
          kept.push(sum % size);
        }
        expect(kept[index]).toBeGreaterThanOrEqual(0);
        expect(kept[index]).toBeLessThan(size);
        const own = (values[index] ?? NaN) + offset;
        expect(kept[index]).toBe(node.kind === 'result' && own < 0 ? own + size : own);
        const { low, high } = addedBits(forms[index] ?? { offset, bits, words, constant });
        expect(low).toBeLessThan(high);
        expect(high).toBeLessThanOrEqual(bits);
      });
    }
  });

  it('needs no more bits than the range of a value by more than one', () => {
    for (const seed of seeds) {
      const graph = wireMatrix(randomMatrix(seededRandom(seed)));
      storedForms(graph).forEach(({ bits }, index) => {
        const { minimum, maximum } = graph.nodes[index]?.range ?? { minimum: NaN, maximum: NaN };
        expect(2 ** (bits - 2)).toBeLessThanOrEqual(Math.max(maximum - minimum, 1));
      });
    }
  });
});

describe('the schedule of an adder graph', () => {
  it.each(seeds)('has one addition a cycle, seed %i', (seed) => {
    const graph = scheduleGraph(wireMatrix(randomMatrix(seededRandom(seed))));
    const { nodes, stages, latency } = graph;
    const last = lastUses(graph);
    const forms = storedForms(graph);
    nodes.forEach((node, index) => {
      const stage = stages[index] ?? NaN;
      expect(forms[index]?.bits).toBeGreaterThan(0);
      expect(last[index]).toBeGreaterThanOrEqual(stage);
      if (node.kind === 'input') expect(stage).toBe(0);
      if (node.kind === 'delay') expect(stage).toBe(latency - 1);
      if (node.kind === 'add' || node.kind === 'result') {
        for (const term of node.terms) expect(stages[term.node]).toBeLessThan(stage);
        if (isState(graph, index)) expect(stage).toBe(latency);
      }
    });
    for (const output of graph.outputs) {
      if (output !== null) expect(stages[output.node]).toBeLessThanOrEqual(latency);
    }
  });
});
