import { present } from '../base/invariant.ts';
import { shapeSize } from '../ir/graph.ts';
import type {
  QuantizedAdd,
  QuantizedConcat,
  QuantizedLayer,
  QuantizedMaxPool,
  QuantizedWindow,
  QuantizedWinners,
} from '../ir/quantized.ts';
import { staticProducts, type LayerCounts, type ProductCounts } from './counts.ts';
import { finishWindow } from './finish-window.ts';
import { addScaled } from './integer.ts';
import { keepWinners, type WinnerCounts } from './k-winners.ts';
import { maxPoolInto } from './max-pool.ts';
import { prepareSparseWindow } from './sparse-window.ts';

/** What a layer computes from its inputs. */
export interface LayerResult {
  /** As in `LayerEvaluation`. */
  readonly accumulators: Int32Array;
  /** As in `LayerEvaluation`. */
  readonly values: Int16Array;
  /** Where it is not `values`. */
  readonly answer?: Int32Array;
  readonly products: ProductCounts;
  readonly winners: WinnerCounts;
}

/** One value of each sample. */
export type BySample<Value> = readonly Value[];

/** From what its input edges hold, in order: all samples on each edge. */
export type LayerEvaluator = (inputs: readonly BySample<Int16Array>[]) => BySample<LayerResult>;

/** A layer of any kind, its weights prepared for repeated use; `keepTies` is the graph's. */
export function prepareLayer(quantized: QuantizedLayer, keepTies: boolean): LayerEvaluator {
  switch (quantized.kind) {
    case 'window':
      return prepareWindow(quantized, keepTies);
    case 'max-pool':
      return oneByOne((inputs) => withoutProducts(pooledMap(quantized, inputs)));
    case 'add':
      return oneByOne((inputs) => withoutProducts(addedMap(quantized, inputs)));
    case 'concat':
      return oneByOne((inputs) => withoutProducts(joinedMap(quantized, inputs)));
    case 'winners':
      return oneByOne((inputs) => chosenMap(quantized, inputs, keepTies));
  }
}

function oneByOne(evaluate: (inputs: readonly Int16Array[]) => LayerResult): LayerEvaluator {
  return (inputs) => {
    const samples = present(inputs[0], 'a layer has an input');
    return samples.map((_, sample) => evaluate(ofSample(inputs, sample)));
  };
}

/** What the edges hold of one sample. */
export function ofSample(
  edges: readonly BySample<Int16Array>[],
  sample: number,
): readonly Int16Array[] {
  return edges.map((maps) => present(maps[sample], 'every sample on every edge'));
}

function prepareWindow(quantized: QuantizedWindow, keepTies: boolean): LayerEvaluator {
  const window = prepareSparseWindow(quantized.layer, quantized.weights);
  const fixedProducts = staticProducts(quantized.layer, window.nonZeroWeights);
  return ([inputs]) =>
    window
      .sumMany(present(inputs, 'a window has an input'))
      .map(({ sums: accumulators, products }) => {
        const { values, answer, winners } = finishWindow(quantized, accumulators, keepTies);
        return {
          accumulators,
          values,
          ...(quantized.requantization === null ? { answer } : {}),
          products: { ...fixedProducts, bothSparse: products },
          winners,
        };
      });
}

function pooledMap({ layer }: QuantizedMaxPool, [input]: readonly Int16Array[]): Int16Array {
  const values = new Int16Array(shapeSize(layer.outputShape));
  const map = present(input, 'a max-pool has an input');
  maxPoolInto(map, layer.inputShape, layer, values, layer.outputShape);
  return values;
}

function addedMap(quantized: QuantizedAdd, [left, right]: readonly Int16Array[]): Int16Array {
  return addScaled(
    present(left, 'a sum has two inputs'),
    present(right, 'a sum has two inputs'),
    quantized.multipliers,
    quantized.shift,
    quantized.outputRange,
  );
}

function joinedMap({ layer }: QuantizedConcat, inputs: readonly Int16Array[]): Int16Array {
  const values = new Int16Array(shapeSize(layer.outputShape));
  let start = 0;
  for (const input of inputs) {
    values.set(input, start);
    start += input.length;
  }
  return values;
}

function chosenMap(
  { layer }: QuantizedWinners,
  [input]: readonly Int16Array[],
  keepTies: boolean,
): LayerResult {
  const values = present(input, 'a k-WTA has an input').slice();
  const winners = keepWinners(values, layer.outputShape, layer.kWinners, keepTies);
  return { ...withoutProducts(values), winners };
}

function withoutProducts(values: Int16Array): LayerResult {
  return {
    accumulators: new Int32Array(0),
    values,
    products: { dense: 0, weightSparse: 0, bothSparse: 0 },
    winners: { vectors: 0, tiedVectors: 0 },
  };
}

/** What a result cost. */
export function countsOf(
  { products, winners }: LayerResult,
  inputs: readonly Int16Array[],
): LayerCounts {
  return {
    inferences: 1,
    products,
    inputValues: inputs.reduce((sum, input) => sum + input.length, 0),
    inputNonZeros: inputs.reduce((sum, input) => sum + countNonZeros(input), 0),
    ...winners,
  };
}

function countNonZeros(values: Int16Array): number {
  let count = 0;
  for (let at = 0; at < values.length; at += 1) if (values[at] !== 0) count += 1;
  return count;
}
