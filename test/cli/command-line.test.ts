import { describe, expect, it } from 'vitest';
import { UserError, exitCodes, fail } from '../../src/base/diagnostics.ts';
import { invariant } from '../../src/base/invariant.ts';
import { runFake } from './run-fake.ts';

describe('commands', () => {
  it('hand all options of run to the pipeline', async () => {
    const line =
      'run m.onnx --board pynq-z2 --inputs x.npy --labels y.npy --calibrate c.npy --variants sparse-sparse,dense ' +
      '--samples 32 --target-throughput 1e6 --clock 187.5 --out b --require-fit --gap-seed 7 --no-hash-check --trace';
    const run = await runFake(line.split(' '));
    expect(run.exitCode).toBe(0);
    expect(run.output).toBe('a table\n');
    expect(run.calls).toEqual([
      {
        name: 'runModel',
        options: {
          model: 'm.onnx',
          board: 'pynq-z2',
          inputs: 'x.npy',
          labels: 'y.npy',
          calibrate: 'c.npy',
          variants: ['dense', 'sparse-sparse'],
          samples: 32,
          targetThroughput: 1e6,
          clockMHz: 187.5,
          out: 'b',
          requireFit: true,
          gapSeeds: [7],
          hashCheck: false,
          trace: true,
        },
      },
    ]);
  });

  it('hand over a latency, in microseconds', async () => {
    const line = 'compile m.onnx --board pynq-z2 --target-latency 2.5 --optimize latency';
    const run = await runFake(line.split(' '));
    expect(run.calls[0]?.options).toMatchObject({ targetLatencyUs: 2.5, optimize: 'latency' });
  });

  it('take the defaults that the help tells', async () => {
    const run = await runFake(['run', 'models/keyword.onnx', '--board', 'zcu104']);
    expect(run.calls[0]?.options).toEqual({
      model: 'models/keyword.onnx',
      board: 'zcu104',
      variants: ['dense', 'sparse-dense', 'sparse-sparse'],
      out: 'build/keyword',
      requireFit: false,
      hashCheck: true,
      trace: false,
    });
    const example = await runFake([
      'compile',
      './examples/tiny-cnn/model.onnx',
      '--board',
      'zcu104',
    ]);
    expect(example.calls[0]?.options).toMatchObject({ out: 'build/tiny-cnn' });
  });

  it.each([
    [['inspect', 'm.onnx', '--samples', '3'], 'inspectModel', { model: 'm.onnx', samples: 3 }],
    [
      ['compile', 'm.onnx', '--board', 'zcu104', '--variants', 'dense'],
      'compileModel',
      { model: 'm.onnx', board: 'zcu104', variants: ['dense'], out: 'build/m', requireFit: false },
    ],
    [
      ['simulate', 'b', '--gap-seed', '0', '--samples', '2'],
      'simulateBuild',
      { buildFolder: 'b', gapSeeds: [0], samples: 2, hashCheck: true, trace: false },
    ],
    [
      ['simulate', 'b', '--activity', '3'],
      'simulateBuild',
      { buildFolder: 'b', activity: 3, hashCheck: true, trace: false },
    ],
    [['synth', 'b', '--tool', 'yosys'], 'synthesizeBuild', { buildFolder: 'b', tool: 'yosys' }],
    [['report', 'b'], 'reportBuild', { buildFolder: 'b' }],
  ])('%j calls %s', async (parameters, name, options) => {
    const run = await runFake(parameters);
    expect(run.calls).toEqual([{ name, options }]);
    expect(run.exitCode).toBe(0);
  });

  it('print only JSON on stdout with --json', async () => {
    const run = await runFake(['report', 'b', '--json'], {
      behave: (host) => {
        host.progress.phase('thinking');
        return Promise.resolve({ exitCode: exitCodes.mismatch, text: 'table', data: { wrong: 1 } });
      },
    });
    expect(JSON.parse(run.output)).toEqual({ wrong: 1 });
    expect(run.errors).toMatch(/^thinking …\nthinking: done in/);
    expect(run.exitCode).toBe(1);
  });
});

describe('help', () => {
  it('--weights is a mode of compile and a folder of simulate', async () => {
    const compile = await runFake(['compile', 'm.onnx', '--board', 'b', '--weights', 'loadable']);
    expect(compile.calls[0]?.options).toMatchObject({ weights: 'loadable' });
    const simulate = await runFake(['simulate', 'build/x', '--weights', 'build/y']);
    expect(simulate.calls[0]?.options).toMatchObject({
      buildFolder: 'build/x',
      weightFolder: 'build/y',
    });
    const wrong = await runFake(['compile', 'm.onnx', '--board', 'b', '--weights', 'build/y']);
    expect(wrong.exitCode).toBe(2);
    expect(wrong.errors).toContain('It is fixed or loadable.');
  });

  it('weights takes a build and a model, and needs a folder to write to', async () => {
    const { calls } = await runFake(['weights', 'build/x', 'v2.onnx', '-o', 'build/y']);
    expect(calls[0]).toMatchObject({
      name: 'writeModelWeights',
      options: { buildFolder: 'build/x', model: 'v2.onnx', out: 'build/y' },
    });
    const nowhere = await runFake(['weights', 'build/x', 'v2.onnx']);
    expect(nowhere.exitCode).toBe(2);
    expect(nowhere.errors).toContain('no folder for the weights is given');
    const help = await runFake(['weights', '--help']);
    expect(help.output).toMatch(/--out <dir> +folder to write the weights to \(needed\)/);
  });

  it.each([
    'run',
    'inspect',
    'compile',
    'simulate',
    'weights',
    'synth',
    'report',
    'boards',
    'doctor',
  ])('of %s has an example', async (name) => {
    const run = await runFake([name, '--help']);
    expect(run.exitCode).toBe(0);
    expect(run.output).toMatch(new RegExp(`Examples:\\n  \\$ nzflow ${name}`));
    expect(run.errors).toBe('');
  });

  it('tells the exit codes', async () => {
    const run = await runFake(['--help']);
    expect(run.exitCode).toBe(0);
    expect(run.output).toMatch(/1 {2}Verilog and reference disagree/);
  });

  it('goes to stderr, with exit code 2, when no command is given', async () => {
    const run = await runFake([]);
    expect(run.exitCode).toBe(2);
    expect(run.output).toBe('');
    expect(run.errors).toMatch(/Usage: nzflow/);
  });

  it('is not needed for the version', async () => {
    const run = await runFake(['--version']);
    expect(run).toMatchObject({ exitCode: 0, output: '1.2.3\n' });
  });
});

describe('mistakes in the usage', () => {
  it.each([
    [['runn', 'm.onnx'], /unknown command 'runn'\n\(Did you mean run\?\)/],
    [['run', 'm.onnx', '--boadr', 'x'], /unknown option '--boadr'\n\(Did you mean --board\?\)/],
    [['run', 'm.onnx', 'n.onnx', '--board', 'x'], /too many arguments for 'run'/],
    [
      ['run', '--board', 'zcu104'],
      /no model is given \[usage\/no-model\]\n {2}remedy: give the path of an ONNX file/,
    ],
    [['run', 'm.onnx'], /no board is given \[usage\/no-board\]/],
    [['run', 'm.onnx', '--board', ''], /'--board <name>' argument '' is invalid. It is empty/],
    [['run', 'm.onnx', '--board'], /option '--board <name>' argument missing/],
    [
      ['run', 'm.onnx', '--samples', '0'],
      /'--samples <n>' argument '0' is invalid. It needs a whole number from 1/,
    ],
    [['run', 'm.onnx', '--samples', '1.5'], /argument '1.5' is invalid/],
    [['run', 'm.onnx', '--gap-seed', '-1'], /argument '-1' is invalid|argument missing/],
    [['run', 'm.onnx', '--gap-seed', '4294967296'], /whole number from 0 to 4294967295/],
    [
      ['run', 'm.onnx', '--clock', '250MHz'],
      /argument '250MHz' is invalid. It needs a number above 0/,
    ],
    [['run', 'm.onnx', '--clock', '250000000'], /is in MHz/],
    [['run', 'm.onnx', '--target-throughput', '0'], /It needs a number above 0/],
    [['run', 'm.onnx', '--target-latency', '-1'], /It needs a number above 0/],
    [['run', 'm.onnx', '--optimize', 'area'], /It is throughput or latency/],
    [
      ['run', 'm.onnx', '--variants', 'nothing'],
      /Unknown variant "nothing": one of: dense, sparse-dense, sparse-sparse/,
    ],
    [['run', 'm.onnx', '--variants', 'dense,'], /Unknown variant ""/],
    [['run', 'm.onnx', '--variants', 'sparse-spars'], /did you mean "sparse-sparse"\?/],
    [
      ['run', 'm.onnx', '--board', 'x', '--labels', 'y'],
      /--labels: labels are given but no inputs/,
    ],
    [
      ['run', 'm.onnx', '--board', 'x', '--target-throughput', '1', '--target-latency', '5'],
      /--target-throughput: a design is planned for its throughput or for its latency/,
    ],
    [
      ['run', 'm.onnx', '--board', 'x', '--target-throughput', '1', '--optimize', 'latency'],
      /--target-throughput: a design is planned for its throughput or for its latency/,
    ],
    [['simulate'], /no build folder is given/],
    [['synth', 'b'], /no synthesis tool is given/],
    [['synth', 'b', '--tool', 'gowin'], /Unknown tool/],
    [['synth', 'b', '--tool', 'yosis'], /did you mean "yosys"\?/],
  ])('%j', async (parameters, message) => {
    const run = await runFake(parameters);
    expect(run.errors).toMatch(message);
    expect(run.exitCode).toBe(2);
    expect(run.output).toBe('');
    expect(run.calls).toEqual([]);
  });

  it('are JSON with --json', async () => {
    const run = await runFake(['run', 'm.onnx', '--samples', 'x', '--json']);
    expect(run.exitCode).toBe(2);
    expect(JSON.parse(run.output)).toMatchObject({
      error: { exitCode: 2, diagnostics: [{ code: 'usage/command-line' }] },
    });
  });
});

describe('errors', () => {
  it('of the user are told with place and remedy and end with their code', async () => {
    const behave = (): never =>
      fail('tool/missing', 'verilator is not installed', {
        place: 'PATH',
        remedy: 'apt-get install verilator',
        exitCode: exitCodes.toolFailed,
      });
    const run = await runFake(['report', 'b'], { behave });
    expect(run.exitCode).toBe(3);
    expect(run.errors).toBe(
      'nzflow: PATH: verilator is not installed [tool/missing]\n  remedy: apt-get install verilator\n',
    );
    const json = await runFake(['report', 'b', '--json'], { behave });
    expect(JSON.parse(json.output)).toEqual({
      error: {
        exitCode: 3,
        diagnostics: [
          {
            code: 'tool/missing',
            message: 'verilator is not installed',
            place: 'PATH',
            remedy: 'apt-get install verilator',
          },
        ],
      },
    });
  });

  it('are told all at once', async () => {
    const mistake = (message: string) => ({ code: 'model/x', message, place: null, remedy: null });
    const run = await runFake(['report', 'b'], {
      behave: () => Promise.reject(new UserError([mistake('one'), mistake('two')])),
    });
    expect(run.errors).toBe('nzflow: one [model/x]\nnzflow: two [model/x]\n');
  });

  it('of ours show a stack and end with 70', async () => {
    const run = await runFake(['report', 'b'], {
      behave: async () => {
        await Promise.resolve();
        const lanes: number = 3;
        invariant(lanes === 4, 'lanes do not add up');
        return { exitCode: 0, text: '', data: null };
      },
    });
    expect(run.exitCode).toBe(70);
    expect(run.errors).toMatch(/internal error, please report it[^]*lanes do not add up[^]*at /);
    expect(run.output).toBe('');
  });
});
