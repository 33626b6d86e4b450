import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { boardJsonSchema } from '../../src/read/board-schema.ts';
import { configJsonSchema } from '../../src/read/config-schema.ts';
import { parseConfig } from '../../src/read/config.ts';
import { runFake } from './run-fake.ts';

/** Message of the error that a configuration gives. */
function mistake(text: string): string {
  try {
    parseConfig('nzflow.yaml', text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'no mistake found';
}

describe('nzflow.yaml', () => {
  it('takes paths relative to its own folder', () => {
    const config = parseConfig(
      'deep/nzflow.yaml',
      'model: m.onnx\ninputs: /data/x.npy\nout: ../build\nboard: ./b.yaml\nsamples: 5\n',
    );
    expect(config).toEqual({
      model: 'deep/m.onnx',
      inputs: '/data/x.npy',
      out: 'build',
      board: 'deep/b.yaml',
      samples: 5,
    });
    expect(parseConfig('deep/nzflow.yaml', 'board: zcu104').board).toBe('zcu104');
  });

  it('may be empty', () => {
    expect(parseConfig('nzflow.yaml', '# nothing yet\n')).toEqual({});
  });

  it.each([
    [
      'model: m.onnx\nsample: 3\n',
      /nzflow.yaml:2:1: unknown key "sample" .*\n {2}remedy: did you mean "samples"\?/,
    ],
    ['colour: red\n', /unknown key "colour"[^]*one of: model, buildDir, board/],
    ['samples: many\n', /nzflow.yaml:1:10: samples: invalid input: expected number/],
    ['samples: 0\n', /nzflow.yaml:1:10: samples: too small/],
    ['variants: [dense, spare]\n', /nzflow.yaml:1:19: variants.1: invalid option/],
    ['variants: []\n', /nzflow.yaml:1:11: variants: too small/],
    ['clockMHz: 99999\n', /nzflow.yaml:1:11: clockMHz: too big/],
    ['trace: "yes"\n', /nzflow.yaml:1:8: trace: invalid input: expected boolean/],
    ['a: b: c\n', /nzflow.yaml:1:\d+: .*\[config\/not-yaml\]/],
    ['- model\n', /nzflow.yaml:1:1: invalid input: expected object/],
    ['model: a\nmodel: b\n', /nzflow.yaml:2:1: Map keys must be unique/],
    ['model: *.onnx\n', /nzflow.yaml:1:8: nothing before it has the anchor ".onnx"[^]*in quotes/],
    [
      `${Array.from({ length: 9 }, (_, at) => `l${at}: &l${at} [${`${at === 0 ? 'x' : `*l${at - 1}`}, `.repeat(9)}]`).join('\n')}\n`,
      /nzflow.yaml: its aliases stand for more than a file can mean/,
    ],
  ])('%j is refused', (text, message) => {
    expect(mistake(text)).toMatch(message);
  });

  it('has all its mistakes told at once', () => {
    const message = mistake('modle: m\nsamples: -1\nboard: 5\n');
    expect(message.match(/nzflow.yaml:\d:\d/g)).toHaveLength(3);
  });

  it('has a published JSON Schema', async () => {
    const text = `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../schema/nzflow.schema.json');
  });

  it('so have board files', async () => {
    const text = `${JSON.stringify(boardJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot('../../schema/board.schema.json');
  });
});

describe('--config', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nzflow-config-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('gives what the command line does not', async () => {
    const file = join(folder, 'nzflow.yaml');
    await writeFile(
      file,
      'model: m.onnx\nboard: zcu104\nsamples: 5\nhashCheck: false\nclockMHz: 100\nvariants: [dense]\njson: true\n',
    );
    const run = await runFake(['run', '--config', file, '--samples', '7', '--clock', '150']);
    expect(run.calls[0]?.options).toEqual({
      model: join(folder, 'm.onnx'),
      board: 'zcu104',
      variants: ['dense'],
      samples: 7,
      clockMHz: 150,
      out: 'build/m',
      requireFit: false,
      hashCheck: false,
      trace: false,
    });
    expect(JSON.parse(run.output)).toEqual({ answer: 42 });
    const other = await runFake(['inspect', 'other.onnx', '--config', file]);
    expect(other.calls[0]?.options).toEqual({ model: 'other.onnx', samples: 5 });
  });

  it('with mistakes ends with 2 and their places', async () => {
    const file = join(folder, 'bad.yaml');
    await writeFile(file, 'board: zcu104\nclock: 5\n');
    const run = await runFake(['run', 'm.onnx', '--config', file]);
    expect(run.exitCode).toBe(2);
    expect(run.errors).toBe(
      `nzflow: ${file}:2:1: unknown key "clock" [config/unknown-key]\n  remedy: did you mean "clockMHz"?\n`,
    );
    expect(run.calls).toEqual([]);
  });

  it('must name a file that is there', async () => {
    const run = await runFake(['run', 'm.onnx', '--config', join(folder, 'none.yaml')]);
    expect(run.exitCode).toBe(2);
    expect(run.errors).toMatch(/none.yaml: cannot read the configuration file/);
  });
});
