import { describe, expect, it } from 'vitest';
import { prepareEvaluator, quantizeInputs, sampleAt } from '../../../src/evaluate/quantized.ts';
import { variantNames } from '../../../src/ir/variant.ts';
import { lowerModel } from '../../../src/passes/lower.ts';
import { quantizeGraph } from '../../../src/passes/quantize.ts';
import { predictCycles } from '../../../src/plan/cycles/cycle-model.ts';
import { workloadOf } from '../../../src/plan/cycles/workload.ts';
import { planVariant } from '../../../src/plan/planner.ts';
import { readBoard } from '../../../src/read/board.ts';
import { decodeOnnxModel } from '../../../src/read/onnx.ts';
import { siteBySite } from '../../../src/simulate/reference-store.ts';
import { runIcarus } from '../../support/icarus.ts';
import { integerModel } from '../../support/quantised/integer.ts';
import { cnnNetwork, residualNetwork, samplesOf } from '../../support/quantised/network.ts';
import { qdqModel } from '../../support/quantised/qdq.ts';
import { qlinearModel } from '../../support/quantised/qlinear.ts';
import { qonnxModel } from '../../support/quantised/qonnx.ts';

const cnn = cnnNetwork();
const signed = cnnNetwork('int8');
const residual = residualNetwork();
const board = await readBoard('zcu104');

/** Their values against ONNX Runtime's: test/passes/lower-quantised.test.ts. */
const models = [
  { form: 'QDQ, uint8 values with zero points', network: cnn, bytes: qdqModel(cnn).bytes },
  { form: 'QDQ, residual', network: residual, bytes: qdqModel(residual).bytes },
  { form: 'QLinear, int8 values', network: signed, bytes: qlinearModel(signed).bytes },
  { form: 'ConvInteger, MatMulInteger', network: cnn, bytes: integerModel(cnn).bytes },
  { form: 'QONNX, weights and values of 2 to 4 bits', network: cnn, bytes: qonnxModel('qonnx') },
];
const cases = models.flatMap((model) => variantNames.map((variant) => ({ ...model, variant })));

describe('models that come quantised, in Icarus', () => {
  it.each(cases)('$form, $variant: every word, every cycle', ({ network, bytes, variant }) => {
    const lowered = lowerModel(decodeOnnxModel(bytes, 'test.onnx'));
    const { graph } = quantizeGraph(lowered, null);
    const samples = samplesOf(network, 2);
    const [sampleSize, count] = [samples[0]?.length ?? 0, samples.length];
    const data = Float32Array.from(samples.flatMap((sample) => [...sample]));
    const integers = quantizeInputs(graph, { count, sampleSize, data });
    const inputs = samples.map((_, sample) => sampleAt(integers, sampleSize, sample));
    const evaluations = inputs.map(prepareEvaluator(graph));

    const planned = planVariant(graph, variant, {
      tool: { name: 'nzflow', version: '0' },
      modelSha256: '0',
      board,
      clockMHz: 100,
      tokensPerSite: [network.input.shape, ...graph.layers].map(() => 4),
      targetThroughput: 100_000,
    });
    const { plan } = planned.network;
    const words = evaluations.flatMap(({ logits }) => [...siteBySite(plan.output.answers, logits)]);
    expect(new Set(words).size).toBeGreaterThan(3);
    const run = runIcarus(planned.network, inputs);
    expect(run.words).toEqual(words);
    const { completions } = predictCycles(plan, workloadOf(plan, evaluations));
    expect(Array.from(completions)).toEqual(run.lastCycles);
  });
});
