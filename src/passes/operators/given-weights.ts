import type { GivenWeights } from '../operation.ts';
import type { OperatorContext } from '../operator-rule.ts';
import type { Dequantized } from '../value.ts';

/** How the constant at a position was dequantised; null where it was not. */
export function dequantizedOf(context: OperatorContext, position: number): Dequantized | null {
  const value = context.input(position);
  return value.kind === 'constant' ? (value.dequantized ?? null) : null;
}

/** The same for weights that are multiplied by a factor (alpha of Gemm). */
export function scaledDequantized(
  dequantized: Dequantized | null,
  factor: number,
): Dequantized | null {
  if (dequantized === null || factor === 0) return null;
  return { ...dequantized, scale: dequantized.scale.map((scale) => scale * Math.abs(factor)) };
}

/**
 * The integers of weights [output][...] that came from a quantised tensor whose outputs are on
 * `outputAxis`; nothing where its scales belong to another axis.
 */
export function givenWeights(
  dequantized: Dequantized | null,
  outputAxis: number,
  weights: Float32Array,
  outputs: number,
): { readonly given?: GivenWeights } {
  if (dequantized === null) return {};
  const { axis, bits } = dequantized;
  const isUniform = dequantized.scale.length === 1;
  if (!isUniform && (axis !== outputAxis || dequantized.scale.length !== outputs)) return {};
  const [first = 1] = dequantized.scale;
  const scale = isUniform ? new Float64Array(outputs).fill(first) : dequantized.scale;
  const perOutput = weights.length / outputs;
  const integers = Int16Array.from(weights, (weight, index) =>
    Math.round(weight / (scale[Math.floor(index / perOutput)] ?? 1)),
  );
  return { given: { integers, scale, bits } };
}
