import { fail, UserError, type Diagnostic } from '../base/diagnostics.ts';
import { shapeSize, type Graph } from '../ir/graph.ts';
import type { QuantizedLayer } from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';
import { isFullyGiven } from './quantize-edges.ts';

const accumulatorLimit = 32;

/**
 * Throws `UserError` unless there is a sample and all have the size the model takes. None
 * at all (null) will do where the model itself gives the numbers of every edge.
 */
export function checkCalibration(graph: Graph, calibration: Samples | null): void {
  if (calibration?.count === 0 || (calibration === null && !isFullyGiven(graph))) {
    fail('quantize/no-calibration', 'there is no calibration sample', {
      remedy: 'give at least one sample, better a hundred, of data like that of real use',
    });
  }
  const expected = shapeSize(graph.input.shape);
  if (calibration !== null && calibration.sampleSize !== expected) {
    fail(
      'quantize/calibration-shape',
      `a calibration sample has ${calibration.sampleSize} values, the model takes ${expected}`,
      { place: graph.input.name },
    );
  }
}

/** Throws `UserError` naming every layer whose accumulators would not fit 32 bits. */
export function checkAccumulators(layers: readonly QuantizedLayer[]): void {
  const diagnostics = layers.flatMap((layer): readonly Diagnostic[] => {
    if (layer.kind !== 'window' || layer.accumulatorBits <= accumulatorLimit) return [];
    return [
      {
        code: 'quantize/accumulator-too-wide',
        message: `the sums of this layer need ${layer.accumulatorBits} bits, there are ${accumulatorLimit}`,
        place: layer.name,
        remedy: 'use fewer weight or activation bits, prune the layer or split it',
      },
    ];
  });
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}
