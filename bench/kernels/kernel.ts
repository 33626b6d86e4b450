/** A single layer to study: what it computes, without its zeros. */
export interface Kernel {
  readonly name: string;
  readonly input: { readonly channels: number; readonly height: number; readonly width: number };
  /** Side of the window; a linear layer has the whole map in it. */
  readonly side: number;
  /** The map is padded to keep its size. */
  readonly padded: boolean;
  readonly outputs: number;
}

const map = { channels: 64, height: 16, width: 16 };

/** The layers of the study: 64 to 64 channels, and one fully connected layer. */
export const kernels: readonly Kernel[] = [
  { name: '1x1', input: map, side: 1, padded: false, outputs: 64 },
  { name: '3x3', input: map, side: 3, padded: true, outputs: 64 },
  { name: '5x5', input: map, side: 5, padded: true, outputs: 64 },
  {
    name: 'linear',
    input: { channels: 64, height: 5, width: 5 },
    side: 5,
    padded: false,
    outputs: 1500,
  },
];

export type Masks = 'complementary' | 'random';

/** How sparse a kernel is. */
export interface Sparsity {
  /** One weight in so many is not 0. */
  readonly weights: number;
  /** One activation in so many is not 0, at every site of the input. */
  readonly activations: number;
  /**
   * Where the weights are: `complementary`: every input index belongs to one kernel of each set of
   * as many kernels; `random`: equally many a kernel, anywhere.
   */
  readonly masks: Masks;
}

/** One in 1, 2, 4, 8, 16, 32. */
export const densities: readonly number[] = [1, 2, 4, 8, 16, 32];

/** Products of one inference, padding taken for data. */
export function denseProducts({ input, side, padded, outputs }: Kernel): number {
  const sites = padded || side === 1 ? input.height * input.width : 1;
  return sites * side * side * input.channels * outputs;
}
