import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tensor } from '../../src/ir/tensor.ts';
import { decodeNpy, encodeNpy, readNpy } from '../../src/read/npy.ts';
import { labelsOf, readLabels, readSamples, samplesOf } from '../../src/read/samples.ts';
import { diagnosticsOf, diagnosticsOfPromise } from '../support/user-error.ts';

/** A file with the header as NumPy writes it and any data. */
function npy(
  descr: string,
  shape: string,
  data: ArrayBufferView,
  { version = 1, fortran = false }: { readonly version?: number; readonly fortran?: boolean } = {},
): Uint8Array {
  const order = fortran ? 'True' : 'False';
  const text = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }\n`;
  const header = new TextEncoder().encode(text);
  const length =
    version === 1
      ? [header.length & 0xff, header.length >> 8]
      : [header.length & 0xff, header.length >> 8, 0, 0];
  const body = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Uint8Array.from([
    0x93,
    ...Buffer.from('NUMPY'),
    version,
    0,
    ...length,
    ...header,
    ...body,
  ]);
}

const two = Float32Array.of(1.5, -2);

describe('decodeNpy', () => {
  it.each([
    ['<f4', two],
    ['<f8', Float64Array.of(1.5, -2)],
    ['|i1', Int8Array.of(1, -2)],
    ['|u1', Uint8Array.of(1, 254)],
    ['|b1', Uint8Array.of(1, 0)],
    ['<i2', Int16Array.of(1, -300)],
    ['<i4', Int32Array.of(1, -70000)],
    ['<i8', BigInt64Array.of(1n, -(2n ** 40n))],
  ])('reads %s', (descr, data) => {
    expect(decodeNpy(npy(descr, '(2,)', data), 'a.npy')).toEqual({ shape: [2], data });
  });

  it('widens half floats and unsigned 16-bit integers', () => {
    const halves = Uint16Array.of(0x3e00, 0xc000, 0x0001, 0x7c00, 0x7e00);
    expect(decodeNpy(npy('<f2', '(5,)', halves), 'a.npy').data).toEqual(
      Float32Array.of(1.5, -2, 2 ** -24, Infinity, NaN),
    );
    expect(decodeNpy(npy('<u2', '(1,)', Uint16Array.of(65535)), 'a.npy').data).toEqual(
      Int32Array.of(65535),
    );
  });

  it.each([1, 2, 3])('reads version %i', (version) => {
    expect(decodeNpy(npy('<f4', '(1, 2)', two, { version }), 'a.npy').shape).toEqual([1, 2]);
  });

  it('puts Fortran order into C order', () => {
    const data = Int8Array.of(0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11);
    const tensor = decodeNpy(npy('|i1', '(2, 2, 3)', data, { fortran: true }), 'a.npy');
    expect(tensor.data).toEqual(Int8Array.from({ length: 12 }, (_, index) => index));
  });

  it('reads what it writes', () => {
    const tensors: readonly Tensor[] = [
      { shape: [1, 2], data: two },
      { shape: [], data: Float64Array.of(3) },
      { shape: [0, 4], data: new Uint8Array(0) },
      { shape: [2], data: BigInt64Array.of(5n, -5n) },
    ];
    for (const tensor of tensors) expect(decodeNpy(encodeNpy(tensor), 'a.npy')).toEqual(tensor);
  });

  it.each([
    ['an empty file', new Uint8Array(0), 'npy/empty'],
    ['another file', new TextEncoder().encode('1,2,3\n4,5,6\n'), 'npy/not-npy'],
    ['a zip of arrays (.npz)', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0), 'npy/not-npy'],
    ['only the magic', npy('<f4', '(2,)', two).subarray(0, 6), 'npy/truncated'],
    ['half a header', npy('<f4', '(2,)', two).subarray(0, 30), 'npy/truncated'],
    ['half of the data', npy('<f4', '(2,)', two).subarray(0, -4), 'npy/truncated'],
    ['too much data', npy('<f4', '(1,)', two), 'npy/truncated'],
    ['a size beyond any file', npy('<f4', '(99999999, 99999999)', two), 'npy/truncated'],
    ['an unknown version', npy('<f4', '(2,)', two, { version: 4 }), 'npy/version'],
    ['big-endian numbers', npy('>f4', '(2,)', two), 'npy/element-type'],
    ['complex numbers', npy('<c8', '(1,)', two), 'npy/element-type'],
    ['strings', npy('<U2', '(1,)', two), 'npy/element-type'],
    ['a negative length', npy('<f4', '(-2,)', two), 'npy/header'],
  ])('refuses %s', (_, bytes, code) => {
    const [diagnostic] = diagnosticsOf(() => decodeNpy(bytes, 'bad.npy'));
    expect(diagnostic).toMatchObject({ code, place: 'bad.npy' });
    expect(diagnostic?.remedy).not.toBeNull();
  });
});

describe('samples', () => {
  const shape = { channels: 2, height: 1, width: 3 };
  const six = Float32Array.of(1, 2, 3, 4, 5, 6);

  it.each([[[1, 2, 1, 3]], [[1, 6]]])('take %j for 2x1x3', (dims) => {
    expect(samplesOf({ shape: dims, data: six }, shape, 'x.npy')).toEqual({
      count: 1,
      sampleSize: 6,
      data: six,
    });
  });

  it('may leave out the only channel', () => {
    const one = { channels: 1, height: 2, width: 3 };
    expect(samplesOf({ shape: [1, 2, 3], data: six }, one, 'x.npy').count).toBe(1);
  });

  it('may leave out the only row', () => {
    expect(samplesOf({ shape: [1, 2, 3], data: six }, shape, 'x.npy').count).toBe(1);
  });

  it('become channels first where the model takes them last', () => {
    const order = { dims: [1, 3, 2], lengths: [3, 2], axes: [1, 0] };
    const twelve = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    const read = (dims: readonly number[]) =>
      samplesOf({ shape: dims, data: twelve }, shape, 'x.npy', order);
    expect(read([2, 1, 3, 2]).data).toEqual(Float32Array.of(1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12));
    expect(read([2, 6]).data).toEqual(read([2, 1, 3, 2]).data);
    const [diagnostic] = diagnosticsOf(() => read([2, 2, 1, 3]));
    expect(diagnostic?.message).toContain('the model needs (N, 1, 3, 2)');
  });

  it('become float32', () => {
    const { data } = samplesOf({ shape: [1, 6], data: Int8Array.from(six) }, shape, 'x.npy');
    expect(data).toEqual(six);
  });

  it.each([
    [[1, 1, 2, 3], '(1, 1, 2, 3)'],
    [[6], '(6,)'],
    [[1, 3, 2], '(1, 3, 2)'],
    [[2, 3], '(2, 3)'],
    [[], '()'],
  ])('of shape %j are refused, telling both shapes', (dims, text) => {
    const data = Float32Array.from(six).subarray(0, dims.length === 0 ? 1 : 6);
    const [diagnostic] = diagnosticsOf(() => samplesOf({ shape: dims, data }, shape, 'x.npy'));
    expect(diagnostic).toEqual({
      code: 'samples/shape',
      message: `the samples have shape ${text}, the model needs (N, 2, 1, 3)`,
      place: 'x.npy',
      remedy: 'reshape the array to (N, 2, 1, 3) or (N, 6)',
    });
  });

  it('must be there', () => {
    const none = { shape: [0, 6], data: new Float32Array(0) };
    expect(diagnosticsOf(() => samplesOf(none, shape, 'x.npy'))).toMatchObject([
      { code: 'samples/none' },
    ]);
  });

  it.each([
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
  ])('must be finite, not %d', (value, text) => {
    const data = Float32Array.of(...six, 1, value, 3, 4, NaN, 6);
    expect(diagnosticsOf(() => samplesOf({ shape: [2, 6], data }, shape, 'x.npy'))).toMatchObject([
      {
        code: 'samples/not-finite',
        message: `value 1 of sample 1 is ${text}, not a finite number`,
      },
    ]);
  });

  it('must fit into float32', () => {
    const data = Float64Array.of(1e300, 0, 0, 0, 0, 0);
    expect(diagnosticsOf(() => samplesOf({ shape: [1, 6], data }, shape, 'x.npy'))).toMatchObject([
      { code: 'samples/not-finite' },
    ]);
  });
});

describe('labels', () => {
  it.each([
    [[3], Uint8Array.of(0, 7, 255)],
    [[3, 1], BigInt64Array.of(0n, 7n, 255n)],
    [[3], Int32Array.of(0, 7, 255)],
  ])('of shape %j are class numbers', (dims, data) => {
    expect(labelsOf({ shape: dims, data }, 3, 256, 'y.npy')).toEqual(Uint32Array.of(0, 7, 255));
  });

  it.each([
    [
      'labels/count',
      { shape: [3], data: Uint8Array.of(1, 2, 3) },
      'there are 3 labels for 4 samples',
    ],
    ['labels/type', { shape: [4], data: new Float32Array(4) }, 'the labels are not integers'],
    [
      'labels/shape',
      { shape: [2, 2], data: new Uint8Array(4) },
      'the labels have shape (2, 2), not (N,)',
    ],
    [
      'labels/range',
      { shape: [4], data: Int8Array.of(0, 1, -1, 2) },
      'label 2 is -1, the classes of the first output are 0 to 9',
    ],
    [
      'labels/range',
      { shape: [4], data: Uint8Array.of(0, 9, 10, 11) },
      'label 2 is 10, the classes of the first output are 0 to 9',
    ],
  ])('refuses %s', (code, tensor, message) => {
    expect(diagnosticsOf(() => labelsOf(tensor, 4, 10, 'y.npy'))).toMatchObject([
      { code, message },
    ]);
  });
});

describe('files', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nzflow-npy-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are read', async () => {
    const path = join(folder, 'x.npy');
    await writeFile(path, encodeNpy({ shape: [1, 2], data: two }));
    expect(await readNpy(path)).toEqual({ shape: [1, 2], data: two });
    const shape = { channels: 2, height: 1, width: 1 };
    expect((await readSamples(path, shape)).data).toEqual(two);
  });

  it('that are missing or folders are refused', async () => {
    const missing = join(folder, 'missing.npy');
    expect(await diagnosticsOfPromise(readNpy(missing))).toMatchObject([
      { code: 'npy/unreadable', message: 'there is no such file', place: missing },
    ]);
    expect(await diagnosticsOfPromise(readLabels(folder, 1, 1))).toMatchObject([
      { code: 'npy/unreadable', message: 'this is a folder, not a file' },
    ]);
  });

  it('of the examples are read', async () => {
    const shape = { channels: 1, height: 16, width: 16 };
    const samples = await readSamples('examples/tiny-cnn/inputs.npy', shape);
    expect(samples.count).toBe(300);
    const labels = await readLabels('examples/tiny-cnn/labels.npy', samples.count, 12);
    expect(Math.max(...labels)).toBe(11);
  });
});
