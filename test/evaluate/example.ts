import { fileURLToPath } from 'node:url';
import type { Graph } from '../../src/ir/graph.ts';
import type { Samples, Tensor } from '../../src/ir/tensor.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { readNpy } from '../../src/read/npy.ts';
import { readOnnxModel } from '../../src/read/onnx.ts';
import { readLabels, readSamples } from '../../src/read/samples.ts';

/** A network of `examples/` with its data. */
export interface Example {
  readonly modelPath: string;
  readonly graph: Graph;
  readonly inputs: Samples;
  readonly labels: Uint32Array;
  readonly calibration: Samples;
  /** Answers of the framework that trained it, [sample][class]. */
  readonly logits: Tensor['data'];
}

export async function readExample(name: string): Promise<Example> {
  const file = (leaf: string): string =>
    fileURLToPath(new URL(`../../examples/${name}/${leaf}`, import.meta.url));
  const graph = lowerModel(await readOnnxModel(file('model.onnx')));
  const { shape } = graph.input;
  const inputs = await readSamples(file('inputs.npy'), shape);
  return {
    modelPath: file('model.onnx'),
    graph,
    inputs,
    labels: await readLabels(file('labels.npy'), inputs.count, 12),
    calibration: await readSamples(file('calibrate.npy'), shape),
    logits: (await readNpy(file('float-logits.npy'))).data,
  };
}

/** Sample `index`, a view. */
export function floatSample(samples: Samples, index: number): Float32Array {
  const start = index * samples.sampleSize;
  return samples.data.subarray(start, start + samples.sampleSize);
}
