import { fileURLToPath } from 'node:url';
import type { Samples } from '../../src/ir/tensor.ts';
import type { QuantizedGraph } from '../../src/ir/quantized.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { readOnnxModel } from '../../src/read/onnx.ts';
import { readSamples } from '../../src/read/samples.ts';

const examples = new URL('../../examples/', import.meta.url);

export function examplePath(example: string, file: string): string {
  return fileURLToPath(new URL(`${example}/${file}`, examples));
}

/** An example network, quantised on its own calibration data. */
export async function loadExample(
  example: string,
): Promise<{ readonly graph: QuantizedGraph; readonly calibration: Samples }> {
  const float = lowerModel(await readOnnxModel(examplePath(example, 'model.onnx')));
  const calibration = await readSamples(examplePath(example, 'calibrate.npy'), float.input.shape);
  return { graph: quantizeGraph(float, calibration).graph, calibration };
}

/** Tokens a site where k-WTA fixes them; one where a layer reads the model's input. */
export function winnersPerSite(graph: QuantizedGraph): readonly number[] {
  return graph.layers.map((_, index) => graph.layers[index - 1]?.layer.kWinners?.k ?? 1);
}
