import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boardSchema } from '../../src/read/board-schema.ts';
import { runReal } from '../cli/run-real.ts';

/** What somebody does who has read docs/boards.md and nothing else. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const example = (name: string): string => join(root, 'examples/tiny-cnn', name);

let folder = '';
let docs = '';
let board = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nzflow-board-'));
  docs = await readFile(join(root, 'docs/boards.md'), 'utf8');
  board = /```yaml\n(# my-board\.yaml\n[^]*?)```/.exec(docs)?.[1] ?? '';
});
afterAll(() => rm(folder, { recursive: true }));

async function compileFor(text: string) {
  const file = join(folder, 'my-board.yaml');
  await writeFile(file, text);
  const data = ['inputs', 'calibrate'].flatMap((name) => [`--${name}`, example(`${name}.npy`)]);
  return runReal([
    ...['compile', example('model.onnx'), '--board', file, ...data, '--samples', '2'],
    ...['--variants', 'sparse-sparse', '--out', join(folder, 'build'), '--json'],
  ]);
}

describe('docs/boards.md', () => {
  it('shows a file that works as it is', { timeout: 60_000 }, async () => {
    const run = await compileFor(board);
    expect(run.exitCode, run.errors).toBe(0);
    const network = await readFile(join(folder, 'build/reference/network.json'), 'utf8');
    expect(network).toContain('"zybo-z7-20"');
    const { variants } = JSON.parse(run.output) as {
      readonly variants: { readonly 'sparse-sparse': { readonly resources: { lut: number } } };
    };
    const { lut } = variants['sparse-sparse'].resources;
    expect(lut).toBeGreaterThan(0);
    expect(lut).toBeLessThanOrEqual(53_200 * 0.8);
  });

  it('tells a mistake in it with its place', async () => {
    const run = await compileFor(board.replace('clockMHz', 'clockMhz'));
    expect(run.exitCode).toBe(2);
    expect(run.errors).toMatch(
      /my-board\.yaml:7:1: unknown key "clockMhz"[^]*did you mean "clockMHz"/,
    );
    const other = await compileFor(board.replace('series7', 'series8'));
    expect(other.errors).toMatch(/my-board\.yaml:5:9: family: /);
  });

  it('explains every key there is, and no other', () => {
    const rows = [...docs.matchAll(/^\| `(\w+)` +\|/gm)].map(([, key]) => key);
    expect(rows.sort()).toEqual(Object.keys(boardSchema.shape).sort());
  });
});
