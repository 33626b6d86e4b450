import { copyFile, mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { inFolder } from '../compile/tiny.ts';
import { runReal } from './run-real.ts';

const example = 'examples/tiny-cnn';
const model = `${example}/model.onnx`;

/** A `.npy` file of float32 zeros, or of what is given. */
function npy(shape: readonly number[], values?: readonly number[], type = '<f4'): Buffer {
  const tuple = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const header = `${dictionary.padEnd(117)}\n`;
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float32Array.from({ length: count }, (_, at) => values?.[at] ?? 0);
  const start = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  return Buffer.concat([start, Buffer.from(header), Buffer.from(data.buffer)]);
}

interface Refusal {
  readonly name: string;
  /** Writes files into a folder and gives the rest of the command line. */
  readonly prepare: (folder: string) => Promise<readonly string[]>;
  readonly message: RegExp;
}

/** `compile` with the model given and a board. */
const compile = (path: string, ...more: readonly string[]): readonly string[] => [
  'compile',
  path,
  '--board',
  'pynq-z2',
  ...more,
];

function modelOf(content: (whole: Buffer) => Buffer | string): Refusal['prepare'] {
  return async (folder) => {
    const path = join(folder, 'bad.onnx');
    await writeFile(path, content(await readFile(model)));
    return compile(path);
  };
}

function inputsOf(content: Buffer): Refusal['prepare'] {
  return async (folder) => {
    const path = join(folder, 'bad.npy');
    await writeFile(path, content);
    return compile(model, '--inputs', path);
  };
}

const nothing = (...parameters: readonly string[]): Refusal['prepare'] => {
  return () => Promise.resolve(parameters);
};

const refusals: readonly Refusal[] = [
  {
    name: 'a truncated model',
    prepare: modelOf((whole) => whole.subarray(0, whole.length / 2)),
    message: /bad\.onnx.*\[model\/[\w-]+\]/,
  },
  { name: 'an empty model', prepare: modelOf(() => ''), message: /bad\.onnx.*empty/ },
  {
    name: 'a model that is none',
    prepare: modelOf(() => '%PDF-1.4 no network in here\n'.repeat(50)),
    message: /bad\.onnx.*ONNX/,
  },
  {
    name: 'a model that is a folder',
    prepare: (folder) => Promise.resolve(compile(folder)),
    message: /folder/,
  },
  {
    name: 'a model that is not there',
    prepare: nothing(...compile('none.onnx')),
    message: /none\.onnx/,
  },
  { name: 'no samples', prepare: inputsOf(npy([0, 1, 16, 16])), message: /bad\.npy.*no samples/ },
  {
    name: 'samples of another shape',
    prepare: inputsOf(npy([3, 1, 16, 15])),
    message: /bad\.npy.*16/,
  },
  {
    name: 'samples that are no numbers',
    prepare: inputsOf(npy([2, 1, 16, 16], [0, 1, NaN])),
    message: /bad\.npy.*NaN/,
  },
  {
    name: 'infinite samples',
    prepare: inputsOf(npy([2, 1, 16, 16], [0, Infinity])),
    message: /bad\.npy.*[Ii]nfinit/,
  },
  {
    name: 'calibration samples that are no numbers',
    prepare: async (folder) => {
      const path = join(folder, 'bad.npy');
      await writeFile(path, npy([2, 1, 16, 16], [0, NaN]));
      return compile(model, '--calibrate', path);
    },
    message: /bad\.npy.*NaN/,
  },
  {
    name: 'labels of another length',
    prepare: async (folder) => {
      const path = join(folder, 'bad.npy');
      await writeFile(path, npy([7], [], '<i4'));
      return compile(model, '--inputs', `${example}/inputs.npy`, '--labels', path);
    },
    message: /bad\.npy.*7.*300|bad\.npy.*300.*7/,
  },
  {
    name: 'an unknown board',
    prepare: nothing('compile', model, '--board', 'pynk-z2'),
    message: /pynk-z2.*\n.*did you mean "pynq-z2"\?/,
  },
  {
    name: 'an unknown option',
    prepare: nothing(...compile(model, '--sampels', '3')),
    message: /unknown option '--sampels'\n\(Did you mean --samples\?\)/,
  },
  {
    name: 'an unknown key of the configuration',
    prepare: async (folder) => {
      const path = join(folder, 'nzflow.yaml');
      await writeFile(path, `model: ${model}\nbord: pynq-z2\n`);
      return ['compile', '--config', path];
    },
    message: /nzflow\.yaml:2:1: unknown key "bord".*\n.*did you mean "board"\?/,
  },
  {
    name: 'a model that is a device',
    prepare: nothing(...compile('/dev/zero')),
    message: /\/dev\/zero: this is a device or a pipe, not a file \[model\/unreadable\]/,
  },
  {
    name: 'samples from a pipe',
    prepare: async (folder) => {
      await execa('mkfifo', [join(folder, 'pipe')]);
      return compile(model, '--inputs', join(folder, 'pipe'));
    },
    message: /pipe: this is a device or a pipe, not a file \[npy\/unreadable\]/,
  },
  {
    name: 'more random samples than memory',
    prepare: nothing(...compile(model, '--samples', '99999999999')),
    message: /--samples: 99999999999 random samples do not fit into memory/,
  },
  {
    name: 'a build folder that is none',
    prepare: (folder) => Promise.resolve(['simulate', folder]),
    message: /\[build\/not-a-build\]\n {2}remedy: /,
  },
  {
    name: 'a build folder that is a file',
    prepare: async (folder) => {
      await writeFile(join(folder, 'file'), '');
      return ['simulate', join(folder, 'file')];
    },
    message: /file.*\n {2}remedy: /,
  },
];

describe('bad input ends with 2, one message and nothing written', () => {
  it.each(refusals)('$name', async ({ prepare, message }) => {
    await inFolder(async (folder) => {
      const parameters = await prepare(folder);
      const before = await readdir(folder);
      const out = parameters[0] === 'compile' ? ['--out', join(folder, 'new', 'out')] : [];
      const run = await runReal([...parameters, ...out]);
      expect(run.errors).toMatch(message);
      expect(run.exitCode).toBe(2);
      expect(run.output).toBe('');
      expect(run.errors).not.toMatch(/internal error|\n {4}at /);
      expect(await readdir(folder)).toEqual(before);
    });
  });
});

it.runIf(process.platform === 'linux')('a build folder where none can be made', async () => {
  const run = await runReal(compile(model, '--out', '/proc/nzflow/out'));
  expect(run.errors).toMatch(
    /the build folder cannot be written \(ENOENT\) \[output\/unwritable\]/,
  );
  expect(run.exitCode).toBe(2);
});

describe('a board that is too small', () => {
  const board = `name: small
part: none
family: series7
resources: { lut: 4000, ff: 8000, bram36: 2, uram: 0, dsp: 12 }
usableShare: 1
clockMHz: 100
maximumBeatBits: 32
staticWatts: { low: 0.1, nominal: 0.1, high: 0.1 }
`;

  async function plan(resources: string, ...more: readonly string[]) {
    return inFolder(async (folder) => {
      const file = join(folder, 'small.yaml');
      await writeFile(file, board.replace(/resources: .*/, `resources: ${resources}`));
      const out = join(folder, 'out');
      const data = ['--inputs', `${example}/inputs.npy`, '--samples', '2'];
      const size = ['--variants', 'dense,sparse-sparse', '--board', file, '--out', out];
      const run = await runReal(['compile', model, ...data, ...size, '--json', ...more]);
      const built = await readdir(out);
      const { variants } = JSON.parse(run.output) as {
        variants: Record<string, { fits: boolean; exceeded: { factor: number } | null }>;
      };
      return { exitCode: run.exitCode, variants, built };
    });
  }

  /** Sparse weights fit into two block memories, dense ones do not. */
  const fewMemories = '{ lut: 14000, ff: 28000, bram36: 2, uram: 0, dsp: 40 }';

  it('for one variant: the others go on', async () => {
    const { exitCode, variants, built } = await plan(fewMemories);
    expect(variants['dense']?.fits).toBe(false);
    expect(variants['dense']?.exceeded?.factor).toBeGreaterThan(1);
    expect(variants['sparse-sparse']).toMatchObject({ fits: true, exceeded: null });
    expect(exitCode).toBe(0);
    expect(built).toContain('dense');
  });

  it('for one variant: 4 where all have to fit', async () => {
    expect((await plan(fewMemories, '--require-fit')).exitCode).toBe(4);
  });

  it('for all of them: 4', async () => {
    const { exitCode, variants } = await plan('{ lut: 900, ff: 1800, bram36: 1, uram: 0, dsp: 3 }');
    expect(exitCode).toBe(4);
    for (const { exceeded } of Object.values(variants)) expect(exceeded?.factor).toBeGreaterThan(1);
  });
});

describe('odd names', () => {
  it('of files and folders are taken as they are', async () => {
    await inFolder(async (folder) => {
      const odd = join(folder, 'a b;$(touch x) "q" \'é\n');
      await mkdir(odd);
      const path = join(odd, '-model $HOME.onnx');
      await copyFile(model, path);
      const out = join(odd, 'out put');
      const run = await runReal([...compile(path, '--samples', '2'), '--out', out]);
      expect(run.exitCode, run.errors).toBe(0);
      expect((await readdir(out)).sort()).toEqual([
        'dense',
        'reference',
        'sparse-dense',
        'sparse-sparse',
      ]);
      const report = await runReal(['report', out]);
      expect(report.exitCode, report.errors).toBe(0);
    });
  });
});
