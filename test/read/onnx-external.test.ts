import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256OfFiles } from '../../src/read/file-hash.ts';
import { isExternal, readExternalData } from '../../src/read/onnx-external.ts';
import { decodeOnnxModel, readOnnxModel } from '../../src/read/onnx.ts';
import type { TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import {
  encodeModel,
  externalTensor,
  integers,
  onnxNode as node,
  onnxTensor,
} from '../support/onnx-builder.ts';
import { diagnosticsOf, diagnosticsOfPromise } from '../support/user-error.ts';

const numbers = Float32Array.of(1, -2, 3, 0.5, 7, 8);

let root = '';
let folder = '';
let path = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'nzflow-external-'));
  folder = join(root, 'model');
  path = join(folder, 'net.onnx');
  await mkdir(join(folder, 'data'), { recursive: true });
  const bytes = new Uint8Array(numbers.buffer);
  await writeFile(join(folder, 'weights.bin'), bytes);
  await writeFile(join(folder, 'data', 'weights.bin'), bytes);
  await writeFile(join(root, 'secret.bin'), bytes);
  await symlink('data/weights.bin', join(folder, 'inside.bin'));
  await symlink('../secret.bin', join(folder, 'leaves.bin'));
  await symlink(root, join(folder, 'up'));
  await symlink('nowhere.bin', join(folder, 'dangling.bin'));
  await promisify(execFile)('mkfifo', [join(folder, 'pipe.bin')]);
});
afterAll(() => rm(root, { recursive: true }));

/** Writes a model with these initialisers to `path`. */
async function write(...tensors: readonly TensorProto[]): Promise<void> {
  const names = tensors.map(({ name }) => name);
  const nodes = names.map((name, index) =>
    node('Add', [index === 0 ? 'x' : `s${index}`, name], [`s${index + 1}`]),
  );
  const outputs = [`s${names.length}`];
  const inputs = { x: [6] };
  await writeFile(path, encodeModel({ nodes, initializers: tensors, inputs, outputs }));
}

async function refused(...tensors: readonly TensorProto[]): Promise<readonly unknown[]> {
  await write(...tensors);
  return diagnosticsOfPromise(readOnnxModel(path));
}

describe('external data', () => {
  it.each([
    ['a file', { location: 'weights.bin' }],
    ['a file with offset and length', { location: 'weights.bin', offset: 0, length: 24 }],
    ['a file in a folder below', { location: 'data/weights.bin', length: 24 }],
    ['a path with a dot', { location: './data/./weights.bin' }],
    ['a link that stays inside', { location: 'inside.bin' }],
    ['an entry with a checksum', { location: 'weights.bin', checksum: 'ab12' }],
  ])('is read from %s', async (_, entries) => {
    await write(externalTensor('w', [2, 3], entries));
    const model = await readOnnxModel(path);
    expect(model.initializers.get('w')).toEqual({
      name: 'w',
      elementType: 'float32',
      shape: [2, 3],
      data: numbers,
    });
    expect(model.externalFiles).toEqual([entries.location]);
  });

  it('is read by ranges, shared and of any type', async () => {
    await write(
      externalTensor('a', [2], { location: 'weights.bin', offset: 4, length: 8 }),
      externalTensor('b', [2], { location: 'weights.bin', offset: 4, length: 8 }),
      externalTensor('c', [1], { location: 'data/weights.bin', offset: 12 }, 6),
      externalTensor('d', [3], { location: 'weights.bin', offset: 2, length: 3 }, 2),
      externalTensor('e', [0], { location: 'weights.bin', offset: 24, length: 0 }),
    );
    const { initializers, externalFiles } = await readOnnxModel(path);
    expect(initializers.get('a')?.data).toEqual(Float32Array.of(-2, 3));
    expect(initializers.get('b')?.data).toEqual(Float32Array.of(-2, 3));
    expect(initializers.get('c')?.data).toEqual(Int32Array.of(0x3f000000));
    expect(initializers.get('d')?.data).toEqual(Int32Array.of(0x80, 0x3f, 0));
    expect(initializers.get('e')?.data).toEqual(new Float32Array(0));
    expect(externalFiles).toEqual(['weights.bin', 'data/weights.bin']);
  });

  it('in an attribute is read', async () => {
    const value = externalTensor('value', [6], { location: 'weights.bin' });
    const nodes = [node('Constant', [], ['w'], { value }), node('Add', ['x', 'w'], ['y'])];
    await writeFile(path, encodeModel({ nodes }));
    const { nodes: read } = await readOnnxModel(path);
    expect(read[0]?.attributes.get('value')).toMatchObject({ value: { data: numbers } });
  });

  it('means what it means to ONNX Runtime', async () => {
    await write(externalTensor('w', [6], { location: 'weights.bin', offset: 0, length: 24 }));
    const session = await InferenceSession.create(path);
    const results = await session.run({ x: new Tensor('float32', new Float32Array(6), [6]) });
    expect((await readOnnxModel(path)).initializers.get('w')?.data).toEqual(results['s1']?.data);
    await session.release();
  });

  it('is part of the hash of a model', async () => {
    const files = [path, join(folder, 'weights.bin')];
    const bytes = Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
    await writeFile(join(root, 'both'), bytes);
    expect(await sha256OfFiles(files)).toBe(await sha256OfFiles([join(root, 'both')]));
    expect(await sha256OfFiles(files)).not.toBe(await sha256OfFiles([path]));
  });

  it('is what data_location says, whatever entries are left over', () => {
    const tensor = onnxTensor('w', [1], Float32Array.of(1));
    tensor.externalData = [...externalTensor('', [], { location: 'old.bin' }).externalData];
    expect(isExternal(tensor)).toBe(false);
    expect(isExternal(externalTensor('w', [1], { location: 'weights.bin' }))).toBe(true);
  });
});

const besideModel =
  'put the data file beside the model and save the model with a plain file name as location';
const copyAgain = 'copy the data file that was exported with the model into its folder';
const oneFile =
  'write one file: onnx.save(onnx.load("model.onnx"), "single.onnx", save_as_external_data=False)';

describe('refuses', () => {
  it.each([
    ['/etc/hostname', 'is an absolute path', besideModel],
    ['C:\\weights.bin', 'is an absolute path', besideModel],
    ['\\\\server\\share', 'is an absolute path', besideModel],
    ['../secret.bin', "is outside the model's folder", besideModel],
    ['data/../../secret.bin', "is outside the model's folder", besideModel],
    ['data\\..\\..\\secret.bin', "is outside the model's folder", besideModel],
    ['weights.bin\0', "is outside the model's folder", besideModel],
    [
      'leaves.bin',
      "is a link that leaves the model's folder",
      'copy the file itself into the folder of the model',
    ],
    [
      'up/secret.bin',
      "is a link that leaves the model's folder",
      'copy the file itself into the folder of the model',
    ],
    ['missing.bin', 'is missing', copyAgain],
    ['dangling.bin', 'is missing', copyAgain],
    ['weights.bin/more', 'is missing', copyAgain],
    [
      'data',
      'is not a regular file',
      'put the data file that was exported with the model in its folder',
    ],
    [
      'pipe.bin',
      'is not a regular file',
      'put the data file that was exported with the model in its folder',
    ],
  ])('%s', async (location, problem, remedy) => {
    expect(await refused(externalTensor('w', [6], { location }))).toEqual([
      {
        code: 'model/external-data',
        message: `the external data file "${location}" ${problem} (tensor "w")`,
        place: path,
        remedy,
      },
    ]);
  });

  it.each([
    [
      'no location',
      externalTensor('w', [6], { offset: 0 }),
      'the name of the external data file is missing',
    ],
    [
      'a negative offset',
      externalTensor('w', [6], { location: 'weights.bin', offset: -4 }),
      'an external offset or length is no number',
    ],
    [
      'a length in words',
      externalTensor('w', [6], { location: 'weights.bin', length: 'all' }),
      'an external offset or length is no number',
    ],
    [
      'a length that is not that of the shape',
      externalTensor('w', [6], { location: 'weights.bin', length: 20 }),
      'external data of 20 bytes does not fill the shape [6], which needs 24',
    ],
    [
      'a range outside the file',
      externalTensor('w', [6], { location: 'weights.bin', offset: 4 }),
      'the external data file "weights.bin" has 24 bytes, too few for 24 bytes at 4',
    ],
    [
      'a shape of any size, without allocating it',
      externalTensor('w', [2 ** 30, 2 ** 20], { location: 'weights.bin' }),
      'the external data file "weights.bin" has 24 bytes, too few for 4503599627370496 bytes at 0',
    ],
    [
      'an impossible shape',
      externalTensor('w', [-1], { location: 'weights.bin' }),
      'the shape [-1] is not possible',
    ],
    [
      'text',
      externalTensor('w', [6], { location: 'weights.bin' }, 8),
      'external values of type STRING are not supported',
    ],
  ])('%s', async (_, tensor, message) => {
    expect(await refused(tensor)).toMatchObject([
      { code: 'model/external-data', message: `${message} (tensor "w")`, place: path },
    ]);
  });

  it('data in both places', async () => {
    const tensor = externalTensor('w', [1], { location: 'weights.bin' });
    tensor.rawData = new Uint8Array(4);
    expect(await refused(tensor)).toMatchObject([
      {
        message: 'there is data both in the model and in another file (tensor "w")',
        remedy: oneFile,
      },
    ]);
  });

  it('all tensors in one go, those with the same reason together', async () => {
    const at = (name: string, location: string): TensorProto =>
      externalTensor(name, [6], { location });
    const diagnostics = await refused(
      at('a', 'missing.bin'),
      at('b', 'weights.bin'),
      at('c', '../secret.bin'),
      at('d', 'missing.bin'),
    );
    expect(diagnostics).toMatchObject([
      { message: 'the external data file "missing.bin" is missing (tensors "a", "d")' },
      {
        message:
          'the external data file "../secret.bin" is outside the model\'s folder (tensor "c")',
      },
    ]);
  });

  it('more than the memory holds, before reading', async () => {
    const file = await open(join(folder, 'large.bin'), 'w');
    await file.truncate(2 ** 34);
    await file.close();
    const tensors = ['a', 'b'].map((name, index) =>
      externalTensor(name, [2 ** 31], { location: 'large.bin', offset: index * 2 ** 33 }),
    );
    expect(await diagnosticsOfPromise(readExternalData(tensors, path, 2 ** 35))).toEqual([
      {
        code: 'model/external-data',
        message:
          'the external data has 16.0 GiB, and 32.0 GiB of memory are free for up to 3 copies of it (tensors "a", "b")',
        place: path,
        remedy: 'use a smaller model, or a machine with more memory',
      },
    ]);
    expect(tensors.map(({ rawData }) => rawData.length)).toEqual([0, 0]);
  });

  it('to guess where the files of bytes without a path are', () => {
    const bytes = encodeModel({
      nodes: [node('Add', ['x', 'w'], ['y'])],
      initializers: [
        externalTensor('w', [6], { location: 'weights.bin' }),
        externalTensor('v', [6], { location: 'weights.bin' }),
        integers('i', [1]),
      ],
    });
    expect(diagnosticsOf(() => decodeOnnxModel(bytes, 'net.onnx'))).toEqual([
      {
        code: 'model/external-data',
        message: 'the numbers of "w", "v" are stored in other files',
        place: 'net.onnx',
        remedy: 'give the path of the model, with these files in its folder',
      },
    ]);
  });
});
