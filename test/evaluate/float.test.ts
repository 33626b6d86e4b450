import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { accuracy, argmax } from '../../src/evaluate/accuracy.ts';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import type { KWinners, Layer } from '../../src/ir/graph.ts';
import { floatSample, readExample } from './example.ts';

/** A layer that hands its input through, so that only what follows the window is seen. */
function identity(channels: number, relu: boolean, kWinners: KWinners | null): Layer {
  const shape = { channels, height: 1, width: 1 };
  return {
    kind: 'window',
    name: 'identity',
    operator: 'linear',
    origin: ['identity'],
    input: 'input',
    inputShape: shape,
    windowShape: shape,
    outputShape: shape,
    weights: Float32Array.from({ length: channels * channels }, (_, index) => {
      return index % (channels + 1) === 0 ? 1 : -0;
    }),
    bias: new Float32Array(channels),
    kernel: { height: 1, width: 1 },
    stride: { height: 1, width: 1 },
    padding: { top: 0, left: 0, bottom: 0, right: 0 },
    pooling: null,
    relu,
    kWinners,
  };
}

function evaluateIdentity(values: number[], relu: boolean, kWinners: KWinners | null): number[] {
  const layer = identity(values.length, relu, kWinners);
  const input = { name: 'input', shape: layer.inputShape };
  const graph = { name: 'test', input, layers: [layer], hostOperators: [], notes: [] };
  return Array.from(prepareFloatEvaluator(graph)(Float32Array.from(values)).logits);
}

describe('prepareFloatEvaluator', () => {
  const rule = { k: 2, scope: 'layer' } as const;

  it('keeps ties where the model does, else exactly k', () => {
    const values = [5, 3, 3, 3, 1];
    expect(evaluateIdentity(values, true, { ...rule, tiesInModel: true })).toEqual([5, 3, 3, 3, 0]);
    expect(evaluateIdentity(values, true, { ...rule, tiesInModel: false })).toEqual([
      5, 3, 0, 0, 0,
    ]);
  });

  it('keeps negative winners only without ReLU', () => {
    const winners = { ...rule, tiesInModel: false };
    expect(evaluateIdentity([-4, -1, -2], false, winners)).toEqual([0, -1, -2]);
    expect(evaluateIdentity([-4, -1, 2], true, winners)).toEqual([0, 0, 2]);
  });

  for (const name of ['tiny-cnn', 'keyword-cnn']) {
    it(`answers as ONNX Runtime and the framework that trained ${name}`, async () => {
      const { graph, inputs, labels, logits, modelPath } = await readExample(name);
      const session = await InferenceSession.create(modelPath, { logSeverityLevel: 3 });
      const evaluate = prepareFloatEvaluator(graph);
      const { channels, height, width } = graph.input.shape;
      const predictions: number[] = [];
      let worstRuntime = 0;
      let worstFramework = 0;
      for (let sample = 0; sample < inputs.count; sample += 1) {
        const values = floatSample(inputs, sample);
        const feed = new Tensor('float32', values.slice(), [1, channels, height, width]);
        const results = await session.run({ [graph.input.name]: feed });
        const theirs = results[session.outputNames[0] ?? '']?.data;
        const ours = evaluate(values).logits;
        predictions.push(argmax(ours));
        ours.forEach((logit, index) => {
          const reference = Number(logits[sample * ours.length + index]);
          worstRuntime = Math.max(worstRuntime, Math.abs(logit - Number(theirs?.[index])));
          worstFramework = Math.max(worstFramework, Math.abs(logit - reference));
        });
      }
      await session.release();
      expect(inputs.count).toBe(300);
      expect(worstRuntime).toBeLessThan(2e-5);
      expect(worstFramework).toBeLessThan(2e-5);
      expect(accuracy(predictions, labels)).toBeCloseTo(name === 'tiny-cnn' ? 0.88 : 0.95, 6);
    });
  }
});
