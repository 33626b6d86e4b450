import type { WindowLayer } from '../ir/graph.ts';

/** What one layer did for one or more inferences; every number is a sum over them. */
export interface LayerCounts {
  readonly inferences: number;
  readonly products: ProductCounts;
  /** Values read from the input edge, and those of them that are not 0. */
  readonly inputValues: number;
  readonly inputNonZeros: number;
  /** k-WTA vectors, and those where the tie rule had to decide between non-zero values. */
  readonly vectors: number;
  readonly tiedVectors: number;
}

/** Products weight * activation of a layer, counted three ways. */
export interface ProductCounts {
  /** Every weight at every window position of `windowShape`, padded taps included. */
  readonly dense: number;
  /** Every non-zero weight at every window position, padded taps included. */
  readonly weightSparse: number;
  /** Non-zero weight times non-zero activation; a padded tap is never one. */
  readonly bothSparse: number;
}

/** The two products that do not depend on the data, for one inference. */
export function staticProducts(
  layer: WindowLayer,
  nonZeroWeights: number,
): Omit<ProductCounts, 'bothSparse'> {
  const positions = layer.windowShape.height * layer.windowShape.width;
  return { dense: layer.weights.length * positions, weightSparse: nonZeroWeights * positions };
}

/** Sum of the counts of the same layer over several inferences; null without any. */
export function sumCounts(counts: readonly LayerCounts[]): LayerCounts | null {
  const [first, ...rest] = counts;
  if (first === undefined) return null;
  return rest.reduce(addCounts, first);
}

function addCounts(left: LayerCounts, right: LayerCounts): LayerCounts {
  return {
    inferences: left.inferences + right.inferences,
    products: {
      dense: left.products.dense + right.products.dense,
      weightSparse: left.products.weightSparse + right.products.weightSparse,
      bothSparse: left.products.bothSparse + right.products.bothSparse,
    },
    inputValues: left.inputValues + right.inputValues,
    inputNonZeros: left.inputNonZeros + right.inputNonZeros,
    vectors: left.vectors + right.vectors,
    tiedVectors: left.tiedVectors + right.tiedVectors,
  };
}

/** Share of input values that are not 0, 0 .. 1. */
export function inputDensity(counts: LayerCounts): number {
  return counts.inputValues === 0 ? 0 : counts.inputNonZeros / counts.inputValues;
}

/** Share of k-WTA vectors decided by the tie rule, 0 .. 1; 0 without k-WTA. */
export function tieRate(counts: LayerCounts): number {
  return counts.vectors === 0 ? 0 : counts.tiedVectors / counts.vectors;
}

/** Products per inference, mean over the inferences counted. */
export function meanProducts(counts: LayerCounts): ProductCounts {
  const { products, inferences } = counts;
  return {
    dense: products.dense / inferences,
    weightSparse: products.weightSparse / inferences,
    bothSparse: products.bothSparse / inferences,
  };
}
