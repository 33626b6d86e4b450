import { describe, it } from 'vitest';
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
