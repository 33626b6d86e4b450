import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { argmax } from '../../src/evaluate/accuracy.ts';
import { prepareFloatEvaluator } from '../../src/evaluate/float.ts';
import {
  dequantizeLogits,
  prepareEvaluator,
  quantizeSamples,
  sampleAt,
} from '../../src/evaluate/quantized.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { quantizeGraph } from '../../src/passes/quantize.ts';
import { readOnnxModel } from '../../src/read/onnx.ts';
import { readSamples } from '../../src/read/samples.ts';
import { parseReport } from '../../src/report/schema.ts';
import { runReal } from '../cli/run-real.ts';
import { inFolder } from './tiny.ts';

/** A network that another PyTorch script exported: see bench/foreign-model. */
const fixture = 'test/fixtures/foreign-cnn';

describe('a network of someone else', () => {
  it('runs untouched: all variants bit-exact, cycles as predicted', async () => {
    await inFolder(async (out) => {
      const data = ['inputs', 'labels', 'calibrate'].flatMap((name) => [
        `--${name}`,
        `${fixture}/${name}.npy`,
      ]);
      const size = ['--board', 'zcu104', '--target-throughput', '15000', '--samples', '5'];
      const run = await runReal(['run', `${fixture}/model.onnx`, ...data, ...size, '--out', out]);
      expect(run.exitCode, run.errors + run.output).toBe(0);
      const report = parseReport(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
      expect(Object.keys(report.variants)).toEqual(['dense', 'sparse-dense', 'sparse-sparse']);
      for (const { verification, cycles, timing } of Object.values(report.variants)) {
        expect(verification).toMatchObject({ samples: 5, mismatches: 0, gapSeeds: [1] });
        expect(verification?.gapSamples).toBeGreaterThan(0);
        expect(verification?.accumulatorsCompared).toBeGreaterThan(10_000);
        expect(verification?.accuracy).toBe(report.accuracy?.quantized);
        expect(cycles?.interval).toBeGreaterThan(0);
        expect(cycles?.modelInterval).toBe(cycles?.interval);
        expect(cycles?.modelLatency).toBe(cycles?.latency);
        expect(timing?.throughputPerSecond).toBeGreaterThan(0);
      }
    });
  }, 1_200_000);

  it('answers as in float, but where two classes are closer than the rounding', async () => {
    const graph = lowerModel(await readOnnxModel(`${fixture}/model.onnx`));
    const calibration = await readSamples(`${fixture}/calibrate.npy`, graph.input.shape);
    const samples = await readSamples(`${fixture}/inputs.npy`, graph.input.shape);
    const { graph: quantized } = quantizeGraph(graph, calibration);
    const float = prepareFloatEvaluator(graph);
    const integer = prepareEvaluator(quantized);
    const integers = quantizeSamples(quantized.input.format, samples);
    const scale = quantized.layers[0]?.outputFormat?.scale ?? NaN;
    let signal = 0;
    let noise = 0;
    let distance = 0;
    let lost = 0;
    for (let sample = 0; sample < samples.count; sample += 1) {
      const size = samples.sampleSize;
      const right = float(samples.data.subarray(sample * size, (sample + 1) * size));
      const ours = integer(sampleAt(integers, size, sample));
      // winners that both have: the rest is k-WTA near a tie, which rounding decides
      right.layers[0]?.values.forEach((value, at) => {
        const rounded = (ours.layers[0]?.values[at] ?? 0) * scale;
        if (value === 0 || rounded === 0) return;
        signal += value ** 2;
        noise += (value - rounded) ** 2;
      });
      const logits = dequantizeLogits(quantized, ours.logits);
      const wanted = argmax(Float64Array.from(right.logits));
      const given = argmax(logits);
      const [best = 0, second = 0] = Array.from(right.logits).sort((one, other) => other - one);
      distance += (best - second) / samples.count;
      lost = Math.max(lost, (right.logits[wanted] ?? 0) - (right.logits[given] ?? 0));
    }
    // the best class is ahead by so much on average, and by hardly anything where it is missed
    expect(distance).toBeGreaterThan(0.15);
    expect(lost).toBeLessThan(0.05);
    expect(10 * Math.log10(signal / noise)).toBeGreaterThan(40);
  });
});
