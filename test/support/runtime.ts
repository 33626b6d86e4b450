import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect } from 'vitest';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import { splitAnswers } from '../../src/evaluate/answers.ts';
import { prepareEvaluator, quantizeSamples } from '../../src/evaluate/quantized.ts';
import { reorderSamples } from '../../src/ir/axis-order.ts';
import { shapeSize, type Graph } from '../../src/ir/graph.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import { noise } from './onnx-builder.ts';

/**
 * Lowers the model, and checks that the layers give the answers of ONNX Runtime on a few random
 * samples, every output in the model's own order. `dims` is the input shape with a batch of 1.
 */
export async function lowerAndCompare(bytes: Uint8Array, dims: readonly number[]): Promise<Graph> {
  const graph = lowerModel(decodeOnnxModel(bytes, 'test.onnx'));
  const session = await InferenceSession.create(bytes, { logSeverityLevel: 3 });
  const evaluate = prepareFloatEvaluator(graph);
  const { name, shape, sampleOrder } = graph.input;
  for (const seed of [1, 2, 3]) {
    const sample = noise(shapeSize(shape), seed);
    const results = await session.run({ [name]: new Tensor('float32', sample, [...dims]) });
    const ours = answersOf(
      graph,
      evaluate(sampleOrder === undefined ? sample : reorderSamples(sample, sampleOrder)).logits,
    );
    expect([...ours.keys()].sort()).toEqual([...session.outputNames].sort());
    for (const [output, answer] of ours) {
      const theirs = results[output]?.data;
      expect(theirs).toBeInstanceOf(Float32Array);
      expect(answer.length).toBe(theirs?.length);
      const worst = Math.max(
        ...Array.from(answer, (value, index) => Math.abs(value - Number(theirs?.[index]))),
      );
      expect(worst).toBeLessThan(1e-4);
    }
  }
  await session.release();
  return graph;
}

/** The answers by output, as the model orders them. */
export function answersOf(graph: Graph, logits: Float32Array): ReadonlyMap<string, Float32Array> {
  let start = 0;
  return new Map(
    graph.outputs.map(({ name, layer, answerOrder }) => {
      const source = graph.layers.find((each) => each.name === layer);
      if (source === undefined) throw new Error(`${layer} is no layer`);
      const end = start + shapeSize(source.outputShape);
      const values = logits.slice(start, end);
      start = end;
      return [name, answerOrder === undefined ? values : reorderSamples(values, answerOrder)];
    }),
  );
}

/**
 * The same for a quantised model that says all its numbers: our integer answers, as real numbers,
 * differ by no more than `step`.
 */
export async function lowerAndCompareIntegers(
  bytes: Uint8Array,
  dims: readonly number[],
  step: number,
): Promise<Graph> {
  const graph = lowerModel(decodeOnnxModel(bytes, 'test.onnx'));
  const { graph: quantized } = quantizeGraph(graph, null);
  const session = await InferenceSession.create(bytes, {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  });
  const evaluate = prepareEvaluator(quantized);
  const { name, shape } = graph.input;
  for (const seed of [1, 2, 3]) {
    const data = noise(shapeSize(shape), seed).map((value) => value * 3);
    const results = await session.run({ [name]: new Tensor('float32', data, [...dims]) });
    const samples = { count: 1, sampleSize: data.length, data };
    const { logits } = evaluate(quantizeSamples(quantized.input.format, samples));
    const [answer] = splitAnswers(quantized, logits);
    const theirs = results[session.outputNames[0] ?? '']?.data;
    expect(theirs).toBeInstanceOf(Float32Array);
    expect(answer?.real.length).toBe(theirs?.length);
    const distances = Array.from(answer?.real ?? [], (value, index) =>
      Math.abs(value - Number(theirs?.[index])),
    );
    expect(Math.max(...distances)).toBeLessThan(step * 1.001);
    // A step is met where a half is rounded up here and to the even number there.
    expect(distances.filter((distance) => distance > step / 2).length).toBeLessThanOrEqual(
      distances.length / 50,
    );
  }
  await session.release();
  return graph;
}
