import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { inspectModel, runModel } from '../../src/compile.ts';
import { argmax } from '../../src/evaluate/accuracy.ts';
import { parseReport } from '../../src/report/schema.ts';
import { encodeNpy } from '../../src/read/npy.ts';
import { encodeModel, floats, integers, noise, onnxNode as node } from '../support/onnx-builder.ts';
import { host, inFolder, tinyOptions } from './tiny.ts';

/** [class][channel] of a convolution of 1x1, and one with larger values beside it. */
const weights = noise(6, 3);
const others = noise(6, 4).map((weight) => 100 * weight);

/** Scores of three classes at four sites, channels last, and a second output. */
const model = encodeModel({
  nodes: [
    node('Conv', ['x', 'w'], ['c']),
    node('Transpose', ['c'], ['t'], { perm: [0, 2, 3, 1] }),
    node('Reshape', ['t', 'flat'], ['y']),
    node('Conv', ['x', 'v'], ['z']),
  ],
  initializers: [
    floats('w', [3, 2, 1, 1], weights),
    floats('v', [3, 2, 1, 1], others),
    integers('flat', [1, 12]),
  ],
  inputs: { x: [1, 2, 2, 2] },
  outputs: ['y', 'z'],
});

/** What the model answers, in its own order: site by site. */
function scores(sample: Float32Array): readonly number[] {
  return Array.from({ length: 12 }, (_, place) => {
    const [site, row] = [Math.floor(place / 3), place % 3];
    const [a = 0, b = 0] = [sample[site], sample[4 + site]];
    return a * (weights[2 * row] ?? 0) + b * (weights[2 * row + 1] ?? 0);
  });
}

it('classes of labels are places of the first output, in the order of the model', async () => {
  await inFolder(async (folder) => {
    const path = (name: string): string => join(folder, name);
    const data = noise(8 * 8, 1);
    const labels = Uint8Array.from({ length: 8 }, (_, at) =>
      argmax(scores(data.subarray(8 * at, 8 * at + 8))),
    );
    await writeFile(path('model.onnx'), model);
    await writeFile(path('x.npy'), encodeNpy({ shape: [8, 2, 2, 2], data }));
    await writeFile(path('y.npy'), encodeNpy({ shape: [8], data: labels }));
    const files = { model: path('model.onnx'), inputs: path('x.npy'), labels: path('y.npy') };
    const inspected = await inspectModel(files, host);
    expect(inspected.data).toMatchObject({ accuracy: { float: 1, quantized: 1 } });
    const options = { ...tinyOptions(path('out'), files), trace: false, hashCheck: true };
    const outcome = await runModel({ ...options, samples: 8, calibrate: path('x.npy') }, host);
    const { accuracy, variants } = parseReport(outcome.data);
    expect(accuracy).toEqual({ float: 1, quantized: 1 });
    expect(variants['sparse-sparse']?.verification?.accuracy).toBe(1);
  });
}, 900_000);
