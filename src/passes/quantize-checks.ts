import { fail, UserError, type Diagnostic } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import { shapeSize, type Graph } from '../ir/graph.ts';
import type { QuantizedWindow } from '../ir/quantized.ts';
import type { Samples } from '../ir/tensor.ts';

const accumulatorLimit = 32;

/** Throws `UserError` unless there is a sample and all have the size the model takes. */
export function checkCalibration(graph: Graph, calibration: Samples): void {
  const expected = shapeSize(graph.input.shape);
  if (calibration.count === 0) {
    fail('quantize/no-calibration', 'there is no calibration sample', {
      remedy: 'give at least one sample, better a hundred, of data like that of real use',
    });
  }
  if (calibration.sampleSize !== expected) {
    fail(
      'quantize/calibration-shape',
      `a calibration sample has ${calibration.sampleSize} values, the model takes ${expected}`,
      { place: graph.input.name },
    );
  }
}

/** Throws `UserError` when the last layer ends in something that is no sum. */
export function checkLastLayer(graph: Graph): void {
  const last = present(graph.layers.at(-1), 'a graph has a layer');
  if (last.activation.kind === 'identity' && last.kWinners === null) return;
  fail(
    'quantize/output-activation',
    `the last layer ends in ${last.kWinners === null ? 'an activation' : 'k-WTA'}, but its accumulators are the logits`,
    { place: last.name, remedy: 'end the model with the layer that computes the logits' },
  );
}

/** Throws `UserError` naming every layer whose accumulators would not fit 32 bits. */
export function checkAccumulators(layers: readonly QuantizedWindow[]): void {
  const diagnostics = layers.flatMap((layer): readonly Diagnostic[] => {
    if (layer.accumulatorBits <= accumulatorLimit) return [];
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
