import type { QuantizationReport } from '../passes/quantize.ts';
import type { LoadedNetwork } from './load-network.ts';

/** What the user should know of the samples that numbers were chosen from. */
export function quantizationWarnings(
  { calibration, graph }: Pick<LoadedNetwork, 'calibration' | 'graph'>,
  { correction }: Pick<QuantizationReport, 'correction'>,
): readonly string[] {
  const warnings: string[] = [];
  if (graph.given === null && calibration.data.every((value) => value === 0)) {
    warnings.push(
      'All calibration samples are zeros: number ranges cannot be chosen from them, and the ' +
        'accuracy means nothing. Give --calibrate with training samples.',
    );
  }
  if (correction !== null && correction.samples < correction.wanted) {
    warnings.push(
      `Maps are so large that biases were corrected on the first ${correction.samples} ` +
        `calibration samples, not on ${correction.wanted}; ranges come from all ${calibration.count}.`,
    );
  }
  return warnings;
}
