import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { present } from '../../src/base/invariant.ts';
import { integerModel } from '../support/quantised/integer.ts';
import type { QuantisedModel } from '../support/quantised/model-writer.ts';
import {
  cnnNetwork,
  residualNetwork,
  samplesOf,
  withReducedRange,
  withoutLinearBias,
  type QuantisedNetwork,
} from '../support/quantised/network.ts';
import { qdqModel } from '../support/quantised/qdq.ts';
import { qlinearModel } from '../support/quantised/qlinear.ts';
import { evaluateNetwork, evaluateReal } from '../support/quantised/reference.ts';

const quiet = { logSeverityLevel: 3 } as const;

type Optimisation = 'disabled' | 'all';

/** How far ONNX Runtime is from the written arithmetic, by quantised value. */
async function distances(
  network: QuantisedNetwork,
  { bytes, watched }: QuantisedModel,
  graphOptimizationLevel: Optimisation,
): Promise<ReadonlyMap<string, { readonly worst: number; readonly share: number }>> {
  const session = await InferenceSession.create(bytes, {
    graphOptimizationLevel,
    logSeverityLevel: 3,
  });
  const seen = new Map<string, number[]>();
  for (const sample of samplesOf(network, 12)) {
    const feeds = { x: new Tensor('float32', sample, [1, ...network.input.shape]) };
    const results = await session.run(feeds);
    const ours = evaluateNetwork(network, sample);
    for (const [name, { onnxName }] of watched) {
      const { values, output } = present(ours.get(name), 'the step was evaluated');
      const theirs = results[onnxName]?.data;
      expect(theirs?.length).toBe(values.length);
      const list = seen.get(name) ?? [];
      seen.set(name, list);
      values.forEach((value, index) =>
        list.push(Math.abs(value + output.zeroPoint - Number(theirs?.[index]))),
      );
    }
  }
  await session.release();
  return new Map(
    Array.from(seen, ([name, list]) => [
      name,
      {
        worst: Math.max(...list),
        share: list.filter((distance) => distance > 0).length / list.length,
      },
    ]),
  );
}

const cnn = cnnNetwork();
const signedCnn = cnnNetwork('int8');
const residual = residualNetwork();
const signedResidual = residualNetwork('int8');

const reduced = withReducedRange(cnn);
const reducedResidual = withReducedRange(residual);
const unbiased = withoutLinearBias(reduced);

const forms: readonly (readonly [string, QuantisedNetwork, QuantisedModel])[] = [
  ['QDQ of uint8', cnn, qdqModel(cnn)],
  ['QDQ of int8', signedCnn, qdqModel(signedCnn)],
  ['QDQ with a residual Add', residual, qdqModel(residual)],
  ['QDQ with a residual Add, int8', signedResidual, qdqModel(signedResidual, 21)],
  ['QLinear operators of uint8', reduced, qlinearModel(reduced)],
  ['QLinear operators of int8', signedCnn, qlinearModel(signedCnn)],
  ['QLinear operators with a residual Add', reducedResidual, qlinearModel(reducedResidual)],
  ['QLinearMatMul', unbiased, qlinearModel(unbiased, 'QLinearMatMul')],
  ['integer operators', cnn, integerModel(cnn)],
];

describe('ONNX Runtime computes what is written down for', () => {
  it.each(forms)('%s', async (_, network, model) => {
    const found = await distances(network, model, 'disabled');
    expect(found.size).toBe(model.watched.size);
    for (const [name, { worst, share }] of found) {
      expect(worst, name).toBeLessThanOrEqual(1);
      expect(share, name).toBeLessThanOrEqual(0.005);
    }
  });

  it.each([
    ['QDQ of uint8', reduced, qdqModel(reduced)],
    ['QDQ with a residual Add', reducedResidual, qdqModel(reducedResidual)],
  ])('%s, also when it fuses the operators', async (_, network, model) => {
    for (const { worst } of (await distances(network, model, 'all')).values()) {
      expect(worst).toBeLessThanOrEqual(1);
    }
  });

  it('the sums of integer operators', async () => {
    const session = await InferenceSession.create(integerModel(reduced).bytes, quiet);
    for (const sample of samplesOf(reduced, 6)) {
      const results = await session.run({ x: new Tensor('float32', sample, [1, 2, 8, 8]) });
      evaluateReal(reduced, sample).values.forEach((value, index) => {
        expect(Math.abs(value - Number(results['logits']?.data[index]))).toBeLessThan(1e-5);
      });
    }
    await session.release();
  });

  it('formats that depend on the sample, near those that are fixed', async () => {
    const session = await InferenceSession.create(integerModel(reduced, 'dynamic').bytes, quiet);
    const [sample] = samplesOf(reduced, 1);
    const data = present(sample, 'there is a sample');
    const results = await session.run({ x: new Tensor('float32', data, [1, 2, 8, 8]) });
    const fixed = evaluateReal(reduced, data).values;
    const range = Math.max(...fixed) - Math.min(...fixed);
    fixed.forEach((value, index) => {
      const difference = Math.abs(value - Number(results['logits']?.data[index]));
      expect(difference).toBeLessThan(range * 0.05);
    });
    await session.release();
  });
});

describe('the test networks', () => {
  it.each([
    ['cnn', cnn],
    ['cnn of int8', signedCnn],
    ['residual', residual],
    ['residual of int8', signedResidual],
  ])('%s uses its formats: many values, some clamped, zero points inside', (_, network) => {
    const values = samplesOf(network, 12).map((sample) => evaluateNetwork(network, sample));
    for (const { name, output } of network.steps) {
      const stored = values.flatMap((maps) =>
        Array.from(present(maps.get(name), 'it was evaluated').values, (v) => v + output.zeroPoint),
      );
      expect(new Set(stored).size, name).toBeGreaterThan(20);
      const least = output.type === 'uint8' ? 0 : -128;
      expect(Math.min(...stored)).toBeGreaterThanOrEqual(least);
      expect(Math.max(...stored), name).toBeGreaterThan(least + 200);
    }
    const lifted = network.steps.filter(
      ({ output }) => output.zeroPoint !== (output.type === 'uint8' ? 0 : -128),
    );
    expect(lifted.length).toBeGreaterThanOrEqual(2);
  });
});
