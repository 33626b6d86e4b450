import { describe, expect, it } from 'vitest';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import {
  identityActivation,
  reluActivation,
  type Graph,
  type WindowLayer,
} from '../../src/ir/graph.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { readNpy } from '../../src/read/npy.ts';
import { readOnnxModel } from '../../src/read/onnx.ts';
import { readLabels, readSamples } from '../../src/read/samples.ts';

async function lowerFile(folder: string): Promise<Graph> {
  return lowerModel(await readOnnxModel(`${folder}/model.onnx`));
}

function windows(graph: Graph): readonly WindowLayer[] {
  return graph.layers.filter((layer) => layer.kind === 'window');
}

function nonZeros(graph: Graph): readonly number[] {
  return windows(graph).map(({ weights }) => weights.filter((weight) => weight !== 0).length);
}

const vector = (channels: number): object => ({ channels, height: 1, width: 1 });
const map = (channels: number, side: number): object => ({ channels, height: side, width: side });
const pool = { kernel: { height: 2, width: 2 }, stride: { height: 2, width: 2 } };

describe('the examples', () => {
  it('keyword-cnn: four layers, 131,700 non-zero weights', async () => {
    const graph = await lowerFile('examples/keyword-cnn');
    expect(graph.name).toBe('keyword-cnn');
    expect(graph.input).toEqual({ name: 'features', shape: map(1, 32) });
    expect(graph.layers).toMatchObject([
      {
        name: 'c1',
        operator: 'conv',
        input: 'features',
        inputShape: map(1, 32),
        windowShape: map(64, 28),
        outputShape: map(64, 14),
        kernel: { height: 5, width: 5 },
        pooling: pool,
        activation: reluActivation,
        kWinners: { k: 6, scope: 'site', groups: 1, tiesInModel: true },
      },
      {
        name: 'c2',
        input: 'c1',
        windowShape: map(64, 10),
        outputShape: map(64, 5),
        kWinners: { k: 8, scope: 'site' },
      },
      {
        name: 'l1',
        operator: 'linear',
        input: 'c2',
        inputShape: map(64, 5),
        outputShape: vector(1500),
        kernel: { height: 5, width: 5 },
        pooling: null,
        kWinners: { k: 150, scope: 'layer' },
      },
      {
        name: 'l2',
        input: 'l1',
        outputShape: vector(12),
        activation: identityActivation,
        kWinners: null,
      },
    ]);
    expect(graph.layers[2]?.origin).toContain('/b3/BatchNormalization');
    expect(nonZeros(graph)).toEqual([800, 6400, 120_000, 4500]);
    expect(graph.hostOperators).toEqual([]);
  });

  it('tiny-cnn: four layers, 3,728 non-zero weights', async () => {
    const graph = await lowerFile('examples/tiny-cnn');
    expect(graph.layers.map(({ name, outputShape }) => [name, outputShape])).toEqual([
      ['c1', map(16, 7)],
      ['c2', map(32, 2)],
      ['l1', vector(64)],
      ['l2', vector(12)],
    ]);
    expect(nonZeros(graph)).toEqual([144, 1152, 2048, 384]);
  });

  it('pruned-mlp: three layers, 40,245 non-zero weights less 454 of channels that carry nothing', async () => {
    const graph = await lowerFile('examples/pruned-mlp');
    expect(windows(graph).map(({ kernel }) => kernel.height)).toEqual([32, 1, 1]);
    expect(nonZeros(graph).reduce((sum, count) => sum + count, 0)).toBe(40_245 - 454);
  });

  it.each([
    ['tiny-cnn', 300],
    ['keyword-cnn', 20],
    ['pruned-mlp', 40],
  ])('%s answers what PyTorch answered', async (name, count) => {
    const folder = `examples/${name}`;
    const graph = await lowerFile(folder);
    const samples = await readSamples(`${folder}/inputs.npy`, graph.input.shape);
    const theirs = await readNpy(`${folder}/float-logits.npy`);
    const evaluate = prepareFloatEvaluator(graph);
    let worst = 0;
    for (let index = 0; index < count; index += 1) {
      const start = index * samples.sampleSize;
      const { logits } = evaluate(samples.data.subarray(start, start + samples.sampleSize));
      logits.forEach((logit, at) => {
        worst = Math.max(worst, Math.abs(logit - Number(theirs.data[index * logits.length + at])));
      });
    }
    expect(worst).toBeLessThan(1e-3);
  });
});

describe('a network of someone else', () => {
  const folder = 'test/fixtures/foreign-cnn';

  it('lowers untouched: symbolic batch, Where, Gather, MatMul and Add', async () => {
    const graph = await lowerFile(folder);
    expect(graph.input.shape).toEqual({ channels: 2, height: 20, width: 12 });
    expect(graph.layers).toMatchObject([
      {
        name: 'stem',
        outputShape: { channels: 24, height: 9, width: 5 },
        kWinners: { k: 6, scope: 'site' },
      },
      {
        name: 'body',
        outputShape: { channels: 40, height: 7, width: 3 },
        activation: reluActivation,
      },
      {
        name: 'MatMul',
        kernel: { height: 7, width: 3 },
        // 96, two of which carry nothing
        outputShape: vector(94),
        activation: reluActivation,
      },
      { name: 'head', outputShape: vector(10) },
    ]);
    expect(graph.hostOperators).toEqual(['LogSoftmax']);
  });

  it('gives the labels PyTorch gave', async () => {
    const graph = await lowerFile(folder);
    const samples = await readSamples(`${folder}/inputs.npy`, graph.input.shape);
    const labels = await readLabels(`${folder}/labels.npy`, samples.count, 10);
    const evaluate = prepareFloatEvaluator(graph);
    const answers = Array.from(labels, (_, index) => {
      const start = index * samples.sampleSize;
      const { logits } = evaluate(samples.data.subarray(start, start + samples.sampleSize));
      return logits.indexOf(Math.max(...logits));
    });
    expect(answers).toEqual([...labels]);
  });
});
