import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { accuracy, argmax } from '../../src/evaluate/accuracy.ts';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import {
  identityActivation,
  inputsOf,
  reluActivation,
  shapeSize,
  type Activation,
  type Graph,
  type KWinners,
  type Layer,
  type WindowLayer,
} from '../../src/ir/graph.ts';
import { floatSample, readExample } from './example.ts';
import { at, plainPool, plainSums, plainWinners } from './plain.ts';
import { randomDag } from './random-dag.ts';
import { seededRandom } from './random-graph.ts';

/** A layer that hands its input through, so that only what follows the window is seen. */
function identity(
  channels: number,
  activation: Activation,
  kWinners: KWinners | null,
): WindowLayer {
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
    groups: 1,
    weights: Float32Array.from({ length: channels * channels }, (_, index) => {
      return index % (channels + 1) === 0 ? 1 : -0;
    }),
    bias: new Float32Array(channels),
    kernel: { height: 1, width: 1 },
    dilation: { height: 1, width: 1 },
    stride: { height: 1, width: 1 },
    padding: { top: 0, left: 0, bottom: 0, right: 0 },
    pooling: null,
    activation,
    kWinners,
  };
}

function evaluateIdentity(
  values: number[],
  activation: Activation,
  kWinners: KWinners | null,
): number[] {
  const layer = identity(values.length, activation, kWinners);
  const graph: Graph = {
    name: 'test',
    input: { name: 'input', shape: layer.inputShape },
    layers: [layer],
    outputs: [{ name: 'answer', layer: layer.name }],
    given: null,
    hostOperators: [],
    notes: [],
  };
  return Array.from(prepareFloatEvaluator(graph)(Float32Array.from(values)).logits);
}

function activated(value: number, activation: Activation): number {
  switch (activation.kind) {
    case 'identity':
      return value;
    case 'clip':
      return Math.min(activation.upper ?? Infinity, Math.max(activation.lower ?? -Infinity, value));
    case 'leaky-relu':
      return value < 0 ? value * activation.slope : value;
  }
}

/** What a layer gives before k-WTA; the activation comes *before* pooling, unlike in the evaluator. */
function plainLayer(layer: Layer, inputs: readonly ArrayLike<number>[]): number[] {
  const [first = [], second = []] = inputs;
  switch (layer.kind) {
    case 'window': {
      const { windowShape, outputShape, pooling, bias } = layer;
      const sites = windowShape.height * windowShape.width;
      const map = plainSums(layer, layer.weights, first).sums.map((sum, index) => {
        return activated(sum + at(bias, Math.floor(index / sites)), layer.activation);
      });
      return pooling === null ? map : plainPool(map, windowShape, outputShape, pooling);
    }
    case 'max-pool':
      return plainPool(first, layer.inputShape, layer.outputShape, layer);
    case 'add': {
      const [left, right] = layer.signs;
      return Array.from(first, (value, index) => {
        return activated(left * value + right * at(second, index), layer.activation);
      });
    }
    case 'concat':
      return inputs.flatMap((map) => Array.from(map));
  }
}

describe('prepareFloatEvaluator', () => {
  const rule = { k: 2, scope: 'layer', groups: 1 } as const;

  it('keeps ties where the model does, else exactly k', () => {
    const values = [5, 3, 3, 3, 1];
    const ties = { ...rule, tiesInModel: true };
    expect(evaluateIdentity(values, reluActivation, ties)).toEqual([5, 3, 3, 3, 0]);
    const exact = { ...rule, tiesInModel: false };
    expect(evaluateIdentity(values, reluActivation, exact)).toEqual([5, 3, 0, 0, 0]);
  });

  it('keeps negative winners only without ReLU', () => {
    const winners = { ...rule, tiesInModel: false };
    expect(evaluateIdentity([-4, -1, -2], identityActivation, winners)).toEqual([0, -1, -2]);
    expect(evaluateIdentity([-4, -1, 2], reluActivation, winners)).toEqual([0, 0, 2]);
  });

  it('clips at both ends, and leaks below 0', () => {
    const values = [-4, -0.5, 0, 0.5, 9];
    const clip = { kind: 'clip', lower: -1, upper: 6 } as const;
    expect(evaluateIdentity(values, clip, null)).toEqual([-1, -0.5, 0, 0.5, 6]);
    const leaky = { kind: 'leaky-relu', slope: 0.25 } as const;
    expect(evaluateIdentity(values, leaky, null)).toEqual([-1, -0.125, 0, 0.5, 9]);
  });

  it('equals the definition on random graphs of every kind of layer', () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const random = seededRandom(seed);
      const graph = randomDag(random);
      const input = Float32Array.from(
        { length: shapeSize(graph.input.shape) },
        () => random() * 2 - 1,
      );
      const { layers, logits } = prepareFloatEvaluator(graph)(input);
      // Each layer is given what the evaluator found before it, so that errors do not add up.
      const edges = new Map<string, Float32Array>([[graph.input.name, input]]);
      graph.layers.forEach((layer, index) => {
        const place = `seed ${seed}, ${layer.name}`;
        const result = at(layers, index);
        const plain = plainLayer(
          layer,
          inputsOf(layer).map((edge) => edges.get(edge) ?? []),
        );
        expect(result.beforeWinners, place).toHaveLength(plain.length);
        const worst = plain.reduce((largest, value, place) => {
          return Math.max(largest, Math.abs(value - at(result.beforeWinners, place)));
        }, 0);
        expect(worst, place).toBeLessThan(1e-5);
        const { kWinners } = layer;
        const before = Array.from(result.beforeWinners);
        const values =
          kWinners === null
            ? before
            : plainWinners(before, layer.outputShape, kWinners, kWinners.tiesInModel);
        expect(Array.from(result.values), place).toEqual(values);
        edges.set(layer.name, result.values);
      });
      const answers = graph.outputs.flatMap(({ layer }) => Array.from(edges.get(layer) ?? []));
      expect(Array.from(logits), `seed ${seed}`).toEqual(answers);
    }
  });

  const shipped = [
    ['tiny-cnn', 0.88],
    ['keyword-cnn', 0.95],
    ['pruned-mlp', 274 / 300],
    ['pruned-resnet', 287 / 300],
  ] as const;
  for (const [name, right] of shipped) {
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
      expect(accuracy(predictions, labels)).toBeCloseTo(right, 6);
    });
  }
});
