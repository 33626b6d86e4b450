import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeOnnxModel, readOnnxModel } from '../../src/read/onnx.ts';
import {
  SparseTensorProtoSchema,
  TensorProtoSchema,
  type TensorProto,
} from '../../src/read/onnx-schema/onnx_pb.ts';
import {
  encodeModel,
  floats,
  integers,
  onnxNode as node,
  onnxTensor,
  sparseFloats,
} from '../support/onnx-builder.ts';
import { diagnosticsOf, diagnosticsOfPromise } from '../support/user-error.ts';

const decode = (bytes: Uint8Array): ReturnType<typeof decodeOnnxModel> =>
  decodeOnnxModel(bytes, 'some/folder/net.onnx');

/** A model with one initialiser `w`. */
function withTensor(tensor: ReturnType<typeof onnxTensor>): Uint8Array {
  return encodeModel({ nodes: [node('Mul', ['x', 'w'], ['y'])], initializers: [tensor] });
}

describe('readOnnxModel', () => {
  it.each([
    ['keyword-cnn', 40, 10],
    ['tiny-cnn', 41, 12],
    ['pruned-mlp', 8, 14],
    ['pruned-resnet', 22, 20],
  ])('reads %s', async (name, nodes, initializers) => {
    const model = await readOnnxModel(`examples/${name}/model.onnx`);
    expect(model).toMatchObject({
      name,
      producer: 'pytorch 1.13.0',
      opset: 13,
      inputs: [{ name: 'features', elementType: 'FLOAT' }],
      outputs: [{ name: 'logits', elementType: 'FLOAT', shape: [1, 12] }],
    });
    expect([model.nodes.length, model.initializers.size]).toEqual([nodes, initializers]);
  });

  it('names attributes and values as the file does', async () => {
    const { nodes, initializers } = await readOnnxModel('examples/tiny-cnn/model.onnx');
    expect(nodes[0]).toMatchObject({
      name: '/c1/Conv',
      operator: 'Conv',
      domain: '',
      inputs: ['features', 'onnx::Conv_77', 'onnx::Conv_78'],
      outputs: ['/c1/Conv_output_0'],
    });
    expect(nodes[0]?.attributes.get('pads')).toEqual({ kind: 'ints', value: [0, 0, 0, 0] });
    expect(nodes[0]?.attributes.get('group')).toEqual({ kind: 'int', value: 1 });
    expect(initializers.get('l2.weight')?.shape).toEqual([12, 64]);
  });

  it('keeps a symbolic batch', async () => {
    const model = await readOnnxModel('test/fixtures/foreign-cnn/model.onnx');
    expect(model.inputs[0]?.shape).toEqual(['batch', 2, 20, 12]);
  });
});

describe('tensors', () => {
  it('that are sparse are written out', () => {
    const sparse = sparseFloats(
      'w',
      [2, 3],
      [
        [1, 0.5],
        [5, -2],
      ],
    );
    const coordinates = create(SparseTensorProtoSchema, {
      ...sparse,
      indices: onnxTensor('', [2, 2], BigInt64Array.of(0n, 1n, 1n, 2n)),
    });
    for (const tensor of [sparse, coordinates]) {
      const bytes = encodeModel({
        nodes: [node('Mul', ['x', 'w'], ['y'])],
        sparseInitializers: [tensor],
      });
      expect(decode(bytes).initializers.get('w')).toEqual({
        name: 'w',
        elementType: 'float32',
        shape: [2, 3],
        data: Float32Array.of(0, 0.5, 0, 0, 0, -2),
      });
    }
  });

  it('listed as inputs too are no inputs', () => {
    const bytes = encodeModel({
      nodes: [node('Mul', ['x', 'w'], ['y'])],
      initializers: [floats('w', [2], [1, 2])],
      inputs: { x: [1, 2], w: [2] },
    });
    expect(decode(bytes).inputs.map(({ name }) => name)).toEqual(['x']);
  });
});

describe('nodes', () => {
  it('without a name, or with one that is taken, get one', () => {
    const bytes = encodeModel({
      nodes: [
        node('Relu', ['x'], ['a']),
        node('Relu', ['a'], ['b'], {}, { name: 'twice' }),
        node('Relu', ['b'], ['y'], {}, { name: 'twice' }),
      ],
    });
    expect(decode(bytes).nodes.map(({ name }) => name)).toEqual(['Relu:a', 'twice', 'twice#2']);
  });

  it('are put in order', () => {
    const bytes = encodeModel({
      nodes: [
        node('Add', ['b', 'c'], ['y']),
        node('Relu', ['a'], ['c']),
        node('Relu', ['a'], ['b']),
        node('Relu', ['x'], ['a']),
      ],
    });
    expect(decode(bytes).nodes.map(({ outputs }) => outputs[0])).toEqual(['a', 'c', 'b', 'y']);
  });

  it('in order stay as they are', () => {
    const nodes = ['a', 'b', 'c', 'y'].map((name) => node('Relu', ['x'], [name]));
    expect(decode(encodeModel({ nodes })).nodes.map(({ outputs }) => outputs[0])).toEqual([
      'a',
      'b',
      'c',
      'y',
    ]);
  });
});

describe('refuses', () => {
  const good = withTensor(floats('w', [2], [1, 2]));
  const text = new TextEncoder();

  it.each([
    ['an empty file', new Uint8Array(0), 'model/empty'],
    ['text', text.encode('hello, this is no model at all\n'), 'model/not-onnx'],
    ['a pickle', Uint8Array.of(0x80, 2, 0x63, 0x74, 0x6f, 0x72, 0x63, 0x68), 'model/not-onnx'],
    ['a zip (torch.save)', Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8), 'model/not-onnx'],
    ['zeros', new Uint8Array(100), 'model/not-onnx'],
    ['a model without graph', good.subarray(0, 2), 'model/truncated'],
  ])('%s', (_, bytes, code) => {
    expect(diagnosticsOf(() => decode(bytes))).toMatchObject([{ code }]);
  });

  it('a file cut off anywhere', async () => {
    const bytes = await readFile('examples/tiny-cnn/model.onnx');
    for (let length = 0; length < bytes.length; length += 997) {
      const [diagnostic] = diagnosticsOf(() => decode(bytes.subarray(0, length)));
      expect(diagnostic?.code).toMatch(/^model\/(empty|truncated|opset|not-onnx)$/);
      if (length > 100) expect(diagnostic?.code).toBe('model/truncated');
    }
  });

  it('files with any byte damaged without crashing', () => {
    for (let at = 0; at < good.length; at += 1) {
      for (const value of [0, 0x7f, 0xff]) {
        const bytes = Uint8Array.from(good);
        bytes[at] = value;
        try {
          decode(bytes);
        } catch (error) {
          expect(error).toHaveProperty('name', 'UserError');
        }
      }
    }
  });

  it('tensors that claim more than the file has, all of them, before allocating', () => {
    const claim = (name: string, dims: readonly bigint[], dataType: number): TensorProto =>
      create(TensorProtoSchema, { name, dims: [...dims], dataType, rawData: new Uint8Array(8) });
    const bytes = encodeModel({
      nodes: [node('Relu', ['x'], ['y'])],
      initializers: [
        claim('huge', [2n ** 40n, 2n ** 40n], 1),
        claim('negative', [-1n], 1),
        claim('odd', [3n], 1),
        claim('uneven', [1n, 3n], 4),
        claim('text', [1n], 8),
        claim('overflow', [2n ** 62n], 7),
      ],
    });
    const codes = diagnosticsOf(() => decode(bytes)).map(({ code, place }) => [code, place]);
    const at = (name: string): string => `some/folder/net.onnx: initialiser "${name}"`;
    expect(codes).toEqual([
      ['model/tensor', at('huge')],
      ['model/tensor', at('negative')],
      ['model/tensor', at('odd')],
      ['model/tensor', at('uneven')],
      ['model/element-type', at('text')],
      ['model/tensor', at('overflow')],
    ]);
  });

  it.each([
    ['an index outside', sparseFloats('w', [2, 3], [[6, 1]]), /index 6 is outside/],
    ['a negative index', sparseFloats('w', [2, 3], [[-1, 1]]), /index -1 is outside/],
    ['an absurd size', sparseFloats('w', [2 ** 30, 2 ** 30], [[0, 1]]), /more than the/],
    [
      'indices of another count',
      create(SparseTensorProtoSchema, {
        values: floats('w', [2], [1, 2]),
        indices: integers('', [1]),
        dims: [4n],
      }),
      /2 sparse values have indices of shape \[1\]/,
    ],
  ])('sparse tensors with %s', (_, sparse, message) => {
    const bytes = encodeModel({
      nodes: [node('Mul', ['x', 'w'], ['y'])],
      sparseInitializers: [sparse],
    });
    const [diagnostic] = diagnosticsOf(() => decode(bytes));
    expect(diagnostic?.code).toBe('model/tensor');
    expect(diagnostic?.message).toMatch(message);
  });

  it('names that are defined twice or never, all of them', () => {
    const bytes = encodeModel({
      nodes: [
        node('Relu', ['x'], ['a']),
        node('Relu', ['x'], ['a']),
        node('Add', ['a', 'ghost'], ['x'], {}, { name: 'sum' }),
      ],
      outputs: ['nowhere'],
    });
    expect(diagnosticsOf(() => decode(bytes)).map(({ message }) => message)).toEqual([
      'the value "a" is defined twice',
      'the value "x" is defined twice',
      'node "sum" reads "ghost", which nothing defines',
      'the output "nowhere" is defined by nothing',
    ]);
  });

  it('initialisers that share a name', () => {
    const bytes = encodeModel({
      nodes: [node('Mul', ['x', 'w'], ['y'])],
      initializers: [floats('w', [1], [1]), floats('w', [1], [2])],
    });
    expect(diagnosticsOf(() => decode(bytes))).toMatchObject([{ code: 'model/names' }]);
  });

  it('cycles', () => {
    const bytes = encodeModel({
      nodes: [
        node('Add', ['x', 'b'], ['a'], {}, { name: 'first' }),
        node('Relu', ['a'], ['b'], {}, { name: 'second' }),
        node('Relu', ['x'], ['y'], {}, { name: 'apart' }),
      ],
    });
    expect(diagnosticsOf(() => decode(bytes))).toMatchObject([
      { code: 'model/cycle', message: 'nodes wait for each other: "first", "second"' },
    ]);
  });
});

describe('files that cannot be read', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nzflow-onnx-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('are missing', async () => {
    const path = join(folder, 'missing.onnx');
    expect(await diagnosticsOfPromise(readOnnxModel(path))).toMatchObject([
      { code: 'model/unreadable', message: 'there is no such file', place: path },
    ]);
  });

  it('are folders', async () => {
    expect(await diagnosticsOfPromise(readOnnxModel(folder))).toMatchObject([
      { code: 'model/unreadable', message: 'this is a folder, not a file' },
    ]);
  });

  it('have more than 2 GB', async () => {
    const path = join(folder, 'large.onnx');
    const file = await open(path, 'w');
    await file.truncate(2 ** 31);
    await file.close();
    expect(await diagnosticsOfPromise(readOnnxModel(path))).toEqual([
      {
        code: 'model/too-large',
        message: 'the file has 2147483648 bytes, more than the 2 GB ONNX allows',
        place: path,
        remedy: 'keep the weights in a file beside it: onnx.save(…, save_as_external_data=True)',
      },
    ]);
  });
});
