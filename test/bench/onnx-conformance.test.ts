import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  countOutcomes,
  describeConformance,
  runConformance,
} from '../../bench/onnx-conformance/conformance.ts';
import { TensorProtoSchema, type TensorProto } from '../../src/read/onnx-schema/onnx_pb.ts';
import {
  encodeModel,
  floats,
  onnxNode as node,
  onnxTensor,
  type ModelParts,
} from '../support/onnx-builder.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nzflow-conformance-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes a test as the ONNX project lays them out. */
function writeTest(
  set: string,
  name: string,
  model: ModelParts,
  inputs: readonly TensorProto[],
  output: TensorProto,
): void {
  const path = join(folder, set, name);
  const data = join(path, 'test_data_set_0');
  mkdirSync(data, { recursive: true });
  writeFileSync(join(path, 'model.onnx'), encodeModel(model));
  const write = (file: string, tensor: TensorProto): void =>
    writeFileSync(join(data, file), toBinary(TensorProtoSchema, tensor));
  inputs.forEach((tensor, index) => write(`input_${index}.pb`, tensor));
  write('output_0.pb', output);
}

/** A batch of two vectors times a matrix, both inputs of the model. */
function writeGemm(set: string, name: string, expected: readonly number[]): void {
  writeTest(
    set,
    name,
    { nodes: [node('Gemm', ['a', 'b'], ['y'])], inputs: { a: [2, 2], b: [2, 1] } },
    [floats('', [2, 2], [1, 2, 3, 4]), floats('', [2, 1], [10, 1])],
    floats('', [expected.length, 1], expected),
  );
}

describe('the conformance kit', () => {
  it('turns weights that are inputs into constants and runs every sample of the batch', () => {
    writeGemm('good', 'test_gemm', [12, 34]);
    const results = runConformance([join(folder, 'good')]);
    expect(results).toEqual({
      operators: [
        { operator: 'Gemm', tests: [{ name: 'test_gemm', outcome: { kind: 'passed' } }] },
      ],
      otherTests: 0,
    });
  });

  it('fails on a wrong answer, beyond the tolerance of ONNX', () => {
    writeGemm('wrong', 'test_gemm', [12, 34.1]);
    writeGemm('wrong', 'test_gemm_close', [12, 34.01]);
    writeGemm('wrong', 'test_gemm_short', [12]);
    const results = runConformance([join(folder, 'wrong')]);
    expect(results.operators[0]?.tests.map(({ outcome }) => outcome)).toEqual([
      { kind: 'failed', reason: 'value 1 is 34, not 34.099998474121094' },
      { kind: 'passed' },
      { kind: 'failed', reason: '2 values, not 1' },
    ]);
    expect(countOutcomes(results, 'failed')).toBe(2);
    expect(describeConformance(results, false)).toContain(
      '  test_gemm: failed: value 1 is 34, not 34.099998474121094',
    );
  });

  it('says why a test was refused', () => {
    writeTest(
      'refused',
      'test_softmax',
      { nodes: [node('Softmax', ['x'], ['y'])], inputs: { x: [2, 2, 2] } },
      [floats('', [2, 2, 2], new Float32Array(8))],
      floats('', [2, 2, 2], new Float32Array(8).fill(0.5)),
    );
    const results = runConformance([join(folder, 'refused')]);
    expect(results.operators[0]?.tests[0]?.outcome).toEqual({
      kind: 'refused',
      reason: 'it works along axis 2 of [2, 2, 2]',
    });
    const lines = describeConformance(results, false);
    expect(lines).toContain('    1  it works along axis 2 of [2, 2, 2]');
    expect(lines[1]).toMatch(/^Softmax +0 +1 +0$/);
  });

  it('folds tests of constants and compares their shape too', () => {
    const write = (name: string, shape: readonly number[]): void =>
      writeTest(
        'fold',
        name,
        {
          nodes: [node('Transpose', ['x'], ['y'])],
          inputs: { x: [2, 3] },
        },
        [floats('', [2, 3], [1, 2, 3, 4, 5, 6])],
        floats('', shape, [1, 4, 2, 5, 3, 6]),
      );
    write('test_transpose', [3, 2]);
    write('test_transpose_wrong', [6]);
    const results = runConformance([join(folder, 'fold')]);
    const constants = results.operators.find(
      ({ operator }) => operator === 'Transpose of constants',
    );
    expect(constants?.tests.map(({ outcome }) => outcome)).toEqual([
      { kind: 'passed' },
      { kind: 'failed', reason: 'the shape is [3, 2], not [6]' },
    ]);
  });

  it('reads bfloat16 data that is stored as its bits', () => {
    writeTest(
      'bits',
      'test_cast',
      {
        nodes: [node('Cast', ['x'], ['y'], { to: 1n })],
        inputs: { x: [1] },
        inputType: 16,
      },
      [onnxTensor('', [1], Uint16Array.of(0x3fc0))],
      floats('', [1], [1.5]),
    );
    const { operators } = runConformance([join(folder, 'bits')]);
    const constants = operators.find(({ operator }) => operator === 'Cast of constants');
    expect(constants?.tests.map(({ outcome }) => outcome)).toEqual([{ kind: 'passed' }]);
  });

  it('leaves operators alone that are not supported', () => {
    writeTest(
      'other',
      'test_sinh',
      { nodes: [node('Sinh', ['x'], ['y'])], inputs: { x: [1] } },
      [floats('', [1], [0])],
      floats('', [1], [0]),
    );
    expect(runConformance([join(folder, 'other')])).toEqual({ operators: [], otherTests: 1 });
  });
});
