import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { lineOf } from '../../src/explore/store-format.ts';
import { buildProgram, jobsIn, nzflow } from '../support/explore-run.ts';
import { encodeModel, floats, noise, onnxNode, onnxTensor } from '../support/onnx-builder.ts';
import { canMount, mountSmall, resize, unmount } from '../support/small-disk.ts';
import { writeSmallSearch } from '../support/small-search.ts';

let folder = '';
beforeAll(async () => {
  await buildProgram();
  folder = await mkdtemp(join(tmpdir(), 'nzflow-failures-'));
});
afterAll(() => rm(folder, { recursive: true }));

const explore = (file: string, ...more: readonly string[]) =>
  nzflow(['explore', file, '--workers', '2', ...more]);

describe('nzflow explore says what is wrong, and where', () => {
  it('in a file that is no YAML', async () => {
    const file = await writeSmallSearch(folder, 'yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replace('metrics:', 'metrics: ['));
    const { exitCode, stderr } = await explore(file);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/yaml\.yaml:\d+:\d+: .* \[explore\/not-yaml\]/);
  });

  it('in a model that is quantised already', async () => {
    const file = await writeSmallSearch(join(folder, 'quantised'), 'search');
    await writeFile(join(folder, 'quantised', 'model.onnx'), quantisedModel());
    const { exitCode, stderr } = await explore(file);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/model\.onnx: the model is quantised already .*\n {2}remedy: /);
  });

  it('in a model that has nothing to be made sparse', async () => {
    const parameters = {
      board: 'arty-a7-35t',
      density: { type: 'log', low: 0.1, high: 0.9 },
      kwta: { type: 'real', low: 0.1, high: 0.9 },
    };
    const file = await writeSmallSearch(join(folder, 'pools'), 'search', { more: { parameters } });
    const node = onnxNode('MaxPool', ['x'], ['y'], { kernel_shape: [1, 3] });
    const model = encodeModel({ inputs: { x: [1, 4, 1, 3] }, nodes: [node] });
    await writeFile(join(folder, 'pools', 'model.onnx'), model);
    const { exitCode, stderr } = await explore(file);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('parameters.density: the network cannot be made sparse');
    expect(stderr).toContain('parameters.kwta: the network has no ReLU');
  });

  it('in a store of another version, which stays as it is', async () => {
    const file = await writeSmallSearch(folder, 'version', { trials: 1 });
    expect((await explore(file)).exitCode).toBe(0);
    const store = file.replace('.yaml', '.trials');
    const [header = '', ...jobs] = (await readFile(store, 'utf8')).split('\n');
    const written = JSON.parse(header.slice(9)) as {
      readonly tool: object;
      readonly parts: Readonly<Record<string, string>>;
    };
    const ofFormat = { ...written, version: 2, tool: { ...written.tool, version: '9.8.7' } };
    const ofTool = { ...written, parts: { ...written.parts, 'version of nzflow': 'another' } };
    for (const [content, message] of [
      [ofFormat, /version 2, this nzflow \(1\).*\n {2}remedy: use nzflow 9\.8\.7/],
      [ofTool, /a search with another version of nzflow .*\n {2}remedy: /],
    ] as const) {
      const text = [lineOf(content), ...jobs].join('\n');
      await writeFile(store, text);
      const { exitCode, stderr } = await explore(file);
      expect(exitCode).toBe(2);
      expect(stderr).toMatch(message);
      expect(await readFile(store, 'utf8')).toBe(text);
    }
  });

  it('when a tool is missing that a task needs, and no trial has failed for that', async () => {
    const tasks = [{ name: 'rtl', cost: 1, samples: 16, simulate: 2 }];
    const file = await writeSmallSearch(folder, 'tool', { more: { tasks } });
    const run = await nzflow(['explore', file, '--workers', '1'], { PATH: '/nowhere' });
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stderr).toMatch(/verilator is not installed \[tool\/missing\]\n {2}remedy: /i);
    expect(await jobsIn(file.replace('.yaml', '.trials'))).toEqual([]);
  });
});

describe.runIf(canMount)('a full disk (needs leave to mount one)', () => {
  let disk = '';
  afterEach(() => unmount(disk));

  async function undisturbed(): Promise<readonly unknown[]> {
    const file = await writeSmallSearch(folder, 'undisturbed');
    expect((await explore(file)).exitCode).toBe(0);
    return jobsIn(file.replace('.yaml', '.trials'));
  }

  it('ends the search, keeps what was finished, and the search goes on when there is room', async () => {
    disk = join(folder, 'disk');
    expect(mountSmall(disk, 'size=8k')).toBe(true);
    const file = await writeSmallSearch(folder, 'full');
    const store = join(disk, 'full.trials');
    // layers take more room than trials: elsewhere
    await mkdir(join(folder, 'layers'));
    await symlink(join(folder, 'layers'), `${store}.layers`);
    const run = await explore(file, '--store', store);
    expect(run.exitCode, run.stderr).toBe(2);
    expect(run.stderr).toMatch(
      /full\.trials: a finished trial cannot be kept: the disk is full \[explore\/store-unwritable\]\n {2}remedy: /,
    );
    const whole = await undisturbed();
    const kept = await jobsIn(store);
    expect(kept.length).toBeGreaterThan(1);
    for (const job of kept) expect(whole).toContainEqual(job);
    // still full: nothing is lost by trying
    expect((await explore(file, '--store', store)).exitCode).toBe(2);
    resize(disk, 'size=1m');
    const again = await explore(file, '--store', store);
    expect(again.exitCode, again.stderr).toBe(0);
    expect(await jobsIn(store)).toEqual(whole);
  });

  it('is told where layers cannot be kept, or where there is no room for a store', async () => {
    disk = join(folder, 'smaller');
    expect(mountSmall(disk, 'size=16k')).toBe(true);
    const file = await writeSmallSearch(folder, 'layers-full');
    const store = join(disk, 'full.trials');
    const run = await explore(file, '--store', store);
    expect(run.exitCode, run.stderr).toBe(3);
    expect(run.stderr).toMatch(/the disk is full \[explore\/layers-unwritable\]\n {2}remedy: /);
    await rm(store);
    await writeFile(join(disk, 'rest'), Buffer.alloc(16384)).catch(() => undefined);
    const none = await explore(file, '--store', store);
    expect(none.exitCode, none.stderr).toBe(2);
    expect(none.stderr).toMatch(/the disk is full \[explore\/store-unwritable\]\n {2}remedy: /);
  });
});

/** A layer in the form of ONNX's quantisation: integers with a scale. */
function quantisedModel(): Uint8Array {
  const scale = floats('scale', [], [0.05]);
  const zero = onnxTensor('zero', [], Int8Array.of(0));
  const weights = onnxTensor(
    'w',
    [4, 12],
    Int8Array.from(noise(48, 1), (value) => value * 100),
  );
  return encodeModel({
    inputs: { x: [1, 12] },
    nodes: [
      onnxNode('QuantizeLinear', ['x', 'scale', 'zero'], ['xq'], {}),
      onnxNode('DequantizeLinear', ['xq', 'scale', 'zero'], ['xd'], {}),
      onnxNode('DequantizeLinear', ['w', 'scale', 'zero'], ['wd'], {}),
      onnxNode('Gemm', ['xd', 'wd'], ['s'], { transB: 1n }, { name: 'first' }),
      onnxNode('QuantizeLinear', ['s', 'scale', 'zero'], ['sq'], {}),
      onnxNode('DequantizeLinear', ['sq', 'scale', 'zero'], ['y'], {}),
    ],
    initializers: [scale, zero, weights],
  });
}
