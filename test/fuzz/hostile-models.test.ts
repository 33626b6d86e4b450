import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/base/diagnostics.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { decodeOnnxModel, readOnnxModel } from '../../src/read/onnx.ts';
import { ModelProtoSchema } from '../../src/read/onnx-schema/onnx_pb.ts';
import type { NodeProto, TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import { runReal } from '../cli/run-real.ts';
import { inFolder } from '../compile/tiny.ts';
import { icarusLoad } from '../hdl/lint/tools.ts';
import { oddNames } from '../support/fuzz/odd-values.ts';
import {
  encodeModel,
  externalTensor,
  floats,
  integers,
  onnxNode,
} from '../support/onnx-builder.ts';
import type { Dimensions } from '../support/onnx-builder.ts';

/** What is said of a model, with the processor time in seconds that it took. */
function said(read: () => unknown): { readonly text: string; readonly seconds: number } {
  const begun = process.cpuUsage();
  let text = 'nothing';
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    text = error instanceof Error ? error.message : '';
  }
  const { user, system } = process.cpuUsage(begun);
  return { text, seconds: (user + system) / 1e6 };
}

function model(
  nodes: readonly NodeProto[],
  initializers: readonly TensorProto[] = [],
  input: Dimensions = [1, 4, 7, 6],
): Uint8Array {
  return encodeModel({ nodes, initializers, inputs: { x: input }, outputs: ['y'], opset: 17 });
}

/** Activations one behind another, which are all folded into one. */
function chain(count: number, operator = 'Relu'): readonly NodeProto[] {
  return Array.from({ length: count }, (_, at) =>
    onnxNode(operator, [at === 0 ? 'x' : `t${at}`], [at === count - 1 ? 'y' : `t${at + 1}`]),
  );
}

const lowered = (bytes: Uint8Array) => said(() => lowerModel(decodeOnnxModel(bytes, 'm.onnx')));

describe('a graph', () => {
  it('of 5,000 nodes is lowered in seconds', () => {
    const { text, seconds } = lowered(model(chain(5000)));
    expect(text).toBe('nothing');
    expect(seconds).toBeLessThan(30);
  });

  it('of 100,000 nodes is refused', () => {
    const { text } = lowered(model(chain(100_000)));
    expect(text).toMatch(
      /^m.onnx: the graph has 100000 nodes, more than 10000 \[model\/too-large\]/,
    );
  });

  it('of thousands of unknown operators: what is said of it can be read', () => {
    const { text } = lowered(model(chain(5000, 'Nope')));
    expect(text).toMatch(/and 4800 more$/);
    expect(text.length).toBeLessThan(500_000);
  });

  it('that is a cycle is refused', () => {
    const nodes = [onnxNode('Add', ['x', 'b'], ['a']), onnxNode('Relu', ['a'], ['b'])];
    const { text } = lowered(model([...nodes, onnxNode('Relu', ['b'], ['y'])]));
    expect(text).toMatch(/\[model\//);
  });
});

describe('sizes that overflow', () => {
  const dense = (weights: TensorProto): Uint8Array =>
    model([onnxNode('MatMul', ['x', 'w'], ['y'])], [weights], [1, 4]);

  it.each([
    ['2^60 elements', [2n ** 60n]],
    ['2^62 elements in two dimensions', [2n ** 31n, 2n ** 31n]],
    ['a product beyond 2^64', [2n ** 40n, 2n ** 40n]],
    ['a negative dimension', [-4n, 3n]],
    ['the smallest integer', [-(2n ** 63n)]],
  ])('an initialiser that claims %s', (_, dims) => {
    const weights = floats('w', [4, 3], new Float32Array(12));
    weights.dims = [...dims];
    const { text, seconds } = lowered(dense(weights));
    expect(text).toMatch(/^m.onnx: initialiser "w": .* \[model\/[\w-]+\]\n {2}remedy: /);
    expect(seconds).toBeLessThan(5);
  });

  it.each([
    ['2^31 channels', [1, 2 ** 31, 7, 6]],
    ['2^53 rows', [1, 4, 2 ** 53, 6]],
    ['none', [1, 0, 7, 6]],
  ])('an input with %s', (_, dims) => {
    const weights = floats('w', [2, 4, 3, 3], new Float32Array(72).fill(1));
    const bytes = model([onnxNode('Conv', ['x', 'w'], ['y'])], [weights], dims);
    const { text, seconds } = lowered(bytes);
    expect(text).toMatch(/\[model\/[\w-]+\]/);
    expect(seconds).toBeLessThan(5);
  });
});

describe('external data', () => {
  it.each([
    ['../secret.bin', /outside the model's folder/],
    ['/etc/passwd', /is an absolute path/],
    ['link.bin', /a link that leaves the model's folder/],
    ['deep/link.bin', /a link that leaves the model's folder/],
    ['loop.bin', /cannot be read \(ELOOP\)/],
  ])('at %s is refused', async (location, message) => {
    await inFolder(async (folder) => {
      const own = join(folder, 'model');
      mkdirSync(own);
      writeFileSync(join(folder, 'secret.bin'), Buffer.alloc(48));
      symlinkSync('../secret.bin', join(own, 'link.bin'));
      symlinkSync('..', join(own, 'deep'));
      symlinkSync('secret.bin', join(folder, 'link.bin'));
      symlinkSync('loop.bin', join(own, 'loop.bin'));
      const weights = externalTensor('w', [4, 3], { location });
      const path = join(own, 'm.onnx');
      writeFileSync(path, model([onnxNode('MatMul', ['x', 'w'], ['y'])], [weights], [1, 4]));
      await expect(readOnnxModel(path)).rejects.toThrow(message);
    });
  });
});

/** The tiny network, its names replaced by those given, in turn. */
function renamed(names: readonly string[]): Uint8Array {
  const proto = fromBinary(ModelProtoSchema, readFileSync('examples/tiny-cnn/model.onnx'));
  const { graph } = proto;
  if (graph === undefined) throw new Error('the example has a graph');
  const given = new Map<string, string>();
  const rename = (name: string): string => {
    if (name === '') return name;
    const known = given.get(name) ?? `${names[given.size % names.length] ?? ''}${given.size}`;
    given.set(name, known);
    return known;
  };
  graph.name = rename('graph');
  for (const node of graph.node) {
    node.name = rename(`node ${node.name}`);
    node.input = node.input.map(rename);
    node.output = node.output.map(rename);
  }
  for (const named of [...graph.initializer, ...graph.input, ...graph.output]) {
    named.name = rename(named.name);
  }
  return toBinary(ModelProtoSchema, proto);
}

describe('names in a model', () => {
  // half a surrogate pair cannot be written as UTF-8
  const names = oddNames.filter((name) => name !== '\ud800');
  const parts = [0, 1].map((part) => names.filter((_, at) => at % 2 === part));

  it.each(parts)('go through a whole compile: %j', async (...part) => {
    await inFolder(async (folder) => {
      const path = join(folder, 'model.onnx');
      writeFileSync(path, renamed(part));
      const out = join(folder, 'out');
      const data = ['--inputs', 'examples/tiny-cnn/inputs.npy', '--samples', '2'];
      const size = ['--board', 'pynq-z2', '--target-throughput', '20000', '--out', out];
      const run = await runReal(['compile', path, ...data, ...size, '--variants', 'sparse-sparse']);
      expect(run.exitCode, run.errors).toBe(0);
      expect(readdirSync(folder).sort()).toEqual(['model.onnx', 'out']);
      expect(readdirSync(out).sort()).toEqual(['reference', 'sparse-sparse']);
      const hdl = join(out, 'sparse-sparse', 'hdl');
      for (const file of readdirSync(hdl)) expect(file).toMatch(/^[\w.]+$/);
      const files = readdirSync(hdl).filter((name) => name.endsWith('.v'));
      expect(icarusLoad(hdl, 'nzflow_top', files)).toBe('');
      const report = await runReal(['report', out]);
      expect(report.exitCode, report.errors).toBe(0);
    });
  });
});

describe('channels that are written out as weights', () => {
  it.each([
    [
      'a Split of 65,536 channels',
      [onnxNode('Split', ['x'], ['a', 'b'], { axis: 1n }), onnxNode('Sub', ['a', 'b'], ['y'])],
    ],
  ])('%s is refused before it fills the memory', (_, nodes) => {
    const { text, seconds } = lowered(model(nodes, [], [1, 65_536, 7, 6]));
    expect(text).toMatch(/\[model\/unsupported-node\]/);
    expect(seconds).toBeLessThan(5);
  });

  it('a Pad of 2^40 channels is refused', () => {
    const weights = integers('p', [0, 2 ** 40, 0, 0, 0, 0, 0, 0]);
    const { text } = lowered(model([onnxNode('Pad', ['x', 'p'], ['y'])], [weights]));
    expect(text).toMatch(/its pads are .*[^]*pads of up to 4096/);
  });
});
