import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { present } from '../../src/base/invariant.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import { noise } from '../support/onnx-builder.ts';
import { evaluateQonnx, quantRange, roundingModes } from '../support/quantised/qonnx-reference.ts';
import { qonnxDomain, qonnxModel } from '../support/quantised/qonnx.ts';

describe('the QONNX test model', () => {
  const model = decodeOnnxModel(qonnxModel('qonnx'), 'qonnx.onnx');

  it('is read with its domain and the parameters of Quant', () => {
    expect(model.domains.get(qonnxDomain)).toBe(1);
    const weight = model.nodes.find(({ outputs }) => outputs[0] === 'c1.weight_quant');
    expect(weight).toMatchObject({
      operator: 'Quant',
      domain: qonnxDomain,
      inputs: [
        'c1.weight',
        'c1.weight_quant_scale',
        'c1.weight_quant_zeropt',
        'c1.weight_quant_bits',
      ],
    });
    expect(weight?.attributes.get('narrow')).toEqual({ kind: 'int', value: 1 });
    expect(weight?.attributes.get('rounding_mode')).toEqual({ kind: 'string', value: 'ROUND' });
    expect(model.initializers.get('c1.weight_quant_scale')?.shape).toEqual([4, 1, 1, 1]);
  });

  it('means what ONNX Runtime computes with its operators spelled out', async () => {
    const session = await InferenceSession.create(qonnxModel('standard'), {
      graphOptimizationLevel: 'disabled',
    });
    const steps = { a1: 0.125, a2: 0.03, pooled: 0.03 };
    for (const seed of [1, 2, 3, 4]) {
      const sample = noise(128, seed).map((value) => value * 2.5);
      const results = await session.run({ x: new Tensor('float32', sample, [1, 2, 8, 8]) });
      const ours = evaluateQonnx(model, sample);
      for (const [name, step] of Object.entries(steps)) {
        const values = present(ours.get(name), 'it was evaluated').values;
        const integers = Array.from(values, (value) => Math.round(value / step));
        const theirs = Array.from<unknown, number>(results[name]?.data ?? [], (value) =>
          Math.round(Number(value) / step),
        );
        expect(integers, name).toEqual(theirs);
        expect(new Set(integers).size, `${name} takes many values`).toBeGreaterThan(6);
        expect(Math.max(...integers), `${name} reaches far`).toBeGreaterThan(7);
      }
      const logits = present(ours.get('y'), 'it was evaluated').values;
      expect(logits).toHaveLength(5);
      logits.forEach((value, index) => {
        expect(Math.abs(value - Number(results['y']?.data[index]))).toBeLessThan(1e-4);
      });
    }
    await session.release();
  });

  it('has 4-bit and bipolar weights', () => {
    const values = evaluateQonnx(model, new Float32Array(128));
    const scales = present(model.initializers.get('c1.weight_quant_scale'), 'it is there').data;
    const weights = present(values.get('c1.weight_quant'), 'it was evaluated').values;
    const integers = weights.map((weight, index) =>
      Math.round(weight / Number(scales[Math.floor(index / 18)])),
    );
    expect([Math.min(...integers), Math.max(...integers)]).toEqual([-7, 7]);
    const bipolar = present(values.get('c2.weight_quant'), 'it was evaluated').values;
    expect([...new Set(bipolar)].sort()).toEqual([-0.0625, 0.0625]);
  });
});

describe('the arithmetic of Quant', () => {
  it.each([
    [8, true, true, [-127, 127]],
    [8, false, true, [0, 254]],
    [8, true, false, [-128, 127]],
    [8, false, false, [0, 255]],
    [4, true, true, [-7, 7]],
    [2, true, false, [-2, 1]],
  ] as const)('%i bits, signed %s, narrow %s', (bits, signed, narrow, range) => {
    expect(quantRange(bits, signed, narrow)).toEqual(range);
  });

  /** The table of rounding modes in the QONNX description of IntQuant, for these numbers. */
  const numbers = [5.5, 2.5, 1.6, 1.1, 1, -1, -1.1, -1.6, -2.5, -5.5];
  it.each([
    ['ROUND', [6, 2, 2, 1, 1, -1, -1, -2, -2, -6]],
    ['CEIL', [6, 3, 2, 2, 1, -1, -1, -1, -2, -5]],
    ['FLOOR', [5, 2, 1, 1, 1, -1, -2, -2, -3, -6]],
    ['UP', [6, 3, 2, 2, 1, -1, -2, -2, -3, -6]],
    ['DOWN', [5, 2, 1, 1, 1, -1, -1, -1, -2, -5]],
    ['HALF_UP', [6, 3, 2, 1, 1, -1, -1, -2, -3, -6]],
    ['HALF_DOWN', [5, 2, 2, 1, 1, -1, -1, -2, -2, -5]],
  ])('rounds %s', (mode, rounded) => {
    expect(numbers.map((value) => roundingModes.get(mode)?.(value))).toEqual(rounded);
  });
});
