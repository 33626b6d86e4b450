import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect } from 'vitest';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import { shapeSize, type Graph } from '../../src/ir/graph.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import { noise } from './onnx-builder.ts';

/**
 * Lowers the model, and checks that the layers give the answers of ONNX Runtime on a few random
 * samples. `dims` is the input shape with a batch of 1.
 */
export async function lowerAndCompare(bytes: Uint8Array, dims: readonly number[]): Promise<Graph> {
  const graph = lowerModel(decodeOnnxModel(bytes, 'test.onnx'));
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const evaluate = prepareFloatEvaluator(graph);
  const size = shapeSize(graph.input.shape);
  for (const seed of [1, 2, 3]) {
    const sample = noise(size, seed);
    const results = await session.run({
      [graph.input.name]: new Tensor('float32', sample, [...dims]),
    });
    const [output] = session.outputNames;
    const theirs = output === undefined ? undefined : results[output]?.data;
    expect(theirs).toBeInstanceOf(Float32Array);
    const { logits } = evaluate(sample);
    expect(logits.length).toBe(theirs?.length);
    const worst = Math.max(
      ...Array.from(logits, (value, index) => Math.abs(value - Number(theirs?.[index]))),
    );
    expect(worst).toBeLessThan(1e-4);
  }
  await session.release();
  return graph;
}
