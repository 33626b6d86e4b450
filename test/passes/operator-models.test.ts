import { describe, expect, it } from 'vitest';
import { lowerModel } from '../../src/passes/lower.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import { hostModels } from '../support/operator-models/host.ts';
import { encodeOperatorModel } from '../support/operator-models/operator-model.ts';
import { elementwiseModels } from '../support/operator-models/elementwise.ts';
import { layoutModels } from '../support/operator-models/layout.ts';
import { windowModels } from '../support/operator-models/windows.ts';
import { winnerModels } from '../support/operator-models/winners.ts';
import { quantisedModels, quantisedStep } from '../support/operator-models/quantised.ts';
import { lowerAndCompare, lowerAndCompareIntegers } from '../support/runtime.ts';

describe('every form of an operator computes what ONNX Runtime computes', () => {
  const models = [...windowModels, ...elementwiseModels, ...layoutModels, ...winnerModels];
  it.each(models.map((model) => [model.name, model] as const))('%s', async (_, model) => {
    await lowerAndCompare(encodeOperatorModel(model), model.input);
  });
});

describe('every form of a quantised operator gives the integers of ONNX Runtime', () => {
  it.each(quantisedModels.map((model) => [model.name, model] as const))('%s', async (_, model) => {
    await lowerAndCompareIntegers(encodeOperatorModel(model), model.input, quantisedStep);
  });
});

describe('every operator of the host is left to it', () => {
  it.each(hostModels.map((model) => [model.name, model] as const))('%s', (_, model) => {
    const graph = lowerModel(decodeOnnxModel(encodeOperatorModel(model), 'test.onnx'));
    expect(graph.hostOperators).toEqual([model.nodes.at(-1)?.opType]);
    expect(graph.layers.map(({ name }) => name)).toEqual(['MatMul:l']);
    expect(graph.outputs).toEqual([{ name: 'y', layer: 'MatMul:l' }]);
  });
});
