import { readFileSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { variantNames } from '../../src/ir/variant.ts';
import { readPlan } from '../../src/read/plan.ts';
import { describeMismatch } from '../../src/simulate/describe-mismatch.ts';
import { ModelProtoSchema } from '../../src/read/onnx-schema/onnx_pb.ts';
import { inFolder } from '../compile/tiny.ts';
import { icarusLoad, verilatorLint, yosysLoad } from '../hdl/lint/tools.ts';
import { runReal } from './run-real.ts';

const example = 'examples/tiny-cnn';

/** What could end a comment, a string, a line, a shell word or a page. */
const evil = `"'\`\\ $(touch /nzflow-was-here) */ endmodule // <script>alert(1)</script>\n\`include "x"\r\u001b[2J\u202e%s$finish;`;

/** Control characters but new lines, and what turns text around. */
const unprintable = /[^\P{C}\n]/u;

/** The tiny network with every name of nodes, tensors, inputs and outputs made hostile. */
function hostileModel(): Uint8Array {
  const model = fromBinary(ModelProtoSchema, readFileSync(`${example}/model.onnx`));
  const { graph } = model;
  if (graph === undefined) throw new Error('the example has a graph');
  const rename = (name: string): string => (name === '' ? '' : `${name}${evil}`);
  graph.name = rename('graph');
  model.producerName = rename('producer');
  for (const node of graph.node) {
    node.name = rename(node.name);
    node.input = node.input.map(rename);
    node.output = node.output.map(rename);
  }
  for (const named of [...graph.initializer, ...graph.input, ...graph.output]) {
    named.name = rename(named.name);
  }
  return toBinary(ModelProtoSchema, model);
}

describe('hostile names in a model', () => {
  it('are carried through everything and do nothing', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'model.onnx');
      await writeFile(path, hostileModel());
      const out = join(folder, 'out');
      const data = ['--inputs', `${example}/inputs.npy`, '--samples', '2'];
      const size = ['--board', 'pynq-z2', '--target-throughput', '20000', '--out', out];
      const run = await runReal(['compile', path, ...data, ...size]);
      expect(run.exitCode, run.errors).toBe(0);
      for (const variant of variantNames) {
        const hdl = join(out, variant, 'hdl');
        const files = (await readdir(hdl)).filter((name) => name.endsWith('.v'));
        expect(verilatorLint(hdl, 'nzflow_top', files)).toBe('');
        expect(icarusLoad(hdl, 'nzflow_top', files)).toBe('');
        expect(yosysLoad(hdl, 'nzflow_top', files)).toBe('');
        for (const file of await readdir(hdl)) expect(file).toMatch(/^[\w.]+$/);
      }
      const report = await runReal(['report', out]);
      expect(report.exitCode, report.errors).toBe(0);
      const inspected = await runReal(['inspect', path, ...data]);
      expect(inspected.exitCode).toBe(0);
      for (const text of [run.output, report.output, inspected.output, inspected.errors]) {
        expect(text).not.toMatch(unprintable);
      }
      const html = await readFile(join(out, 'report.html'), 'utf8');
      expect(html).not.toContain('<script>alert');
      expect(html).toContain('&lt;script&gt;alert');
    });
  });

  it('are made printable in messages about differences', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'model.onnx');
      await writeFile(path, hostileModel());
      const out = join(folder, 'out');
      const size = ['--board', 'pynq-z2', '--target-throughput', '20000', '--out', out];
      const variants = ['--variants', 'sparse-sparse', '--samples', '2'];
      const data = ['--inputs', `${example}/inputs.npy`];
      const compiled = await runReal(['compile', path, ...data, ...size, ...variants]);
      expect(compiled.exitCode, compiled.errors).toBe(0);
      const image = join(out, 'sparse-sparse', 'hdl', 'layer00_weights000.mem');
      await writeFile(image, (await readFile(image, 'utf8')).replaceAll('1', '3'));
      const hashed = await runReal(['simulate', out]);
      expect(hashed.exitCode).toBe(1);
      expect(hashed.errors).toMatch(/hash check: .* of layer c1/);
      expect(hashed.errors).not.toMatch(unprintable);
      const built = await readPlan(join(out, 'sparse-sparse', 'plan.json'));
      const layers = built.layers.map((layer) => ({ ...layer, name: `c1\n${layer.name}` }));
      const plan = { ...built, layers };
      const place = { layer: 0, copy: 0, engine: 0, inference: 0, sample: 1, row: 2, column: 3 };
      const values = { channel: 4, expected: 5, got: 6, cycle: 7, count: 8, what: 'a sum' };
      const line = describeMismatch(plan, { check: 'accumulator', ...place, ...values });
      expect(line).toMatch(/^accumulator check: layer 0 "c1.*, sample 1, window row 2, column 3, /);
      expect(line).not.toMatch(unprintable);
      expect(line).not.toContain('\n');
    });
  });
});
