import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DashboardData } from '../../src/explore/dashboard/dashboard-schema.ts';
import { heldOutMetric } from '../../src/explore/evaluate/held-out.ts';
import { repeatingYaml } from '../../src/explore/repeat.ts';
import { readStore } from '../../src/explore/store.ts';

/** The built program: workers are threads of it. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const example = join(root, 'examples', 'tiny-cnn');

let folder = '';
beforeAll(async () => {
  await execa(process.execPath, [join(root, 'scripts', 'setup.mjs'), '--build']);
  folder = await mkdtemp(join(tmpdir(), 'nzflow-explore-'));
});
afterAll(() => rm(folder, { recursive: true }));

function nzflow(...parameters: readonly string[]) {
  return execa(process.execPath, [join(root, 'dist/cli/main.js'), 'explore', ...parameters], {
    reject: false,
    stdin: 'ignore',
  });
}

interface Given {
  readonly parameters?: string;
  readonly threshold?: string;
  readonly trials?: number;
  /** The last task. */
  readonly last?: string;
}

async function searchFile(name: string, given: Given = {}): Promise<string> {
  const file = join(folder, `${name}.yaml`);
  const parameters =
    given.parameters ??
    `  board: arty-a7-35t
  density.c2: { type: log, low: 0.05, high: 0.5 }
  density.l1: { type: log, low: 0.05, high: 0.5 }`;
  await writeFile(
    file,
    `model: ${join(example, 'model.onnx')}
calibrate: ${join(example, 'calibrate.npy')}
inputs: ${join(example, 'inputs.npy')}
labels: ${join(example, 'labels.npy')}
budget: { trials: ${String(given.trials ?? 4)} }
parameters:
${parameters}
metrics:
  accuracy: { goal: maximise, threshold: "${given.threshold ?? '>= 30 %'}" }
  throughput: { goal: maximise }
tasks:
  - { name: few, cost: 0.4, samples: 16 }
  - ${given.last ?? '{ name: all, cost: 1, samples: 64 }'}
`,
  );
  return file;
}

/** The data in a page. */
function dataOf(html: string): DashboardData {
  const [, json = ''] =
    /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html) ?? [];
  return JSON.parse(json) as DashboardData;
}

/** What is to be the same in every run of a search. */
async function jobsIn(file: string): Promise<readonly unknown[]> {
  const { jobs } = await readStore(file.replace('.yaml', '.trials'));
  return [...jobs]
    .sort((a, b) => a.number - b.number)
    .map(({ number, trial, task, point, outcome }) => ({ number, trial, task, point, outcome }));
}

/** Tasks and figures of all jobs that were done, in order. */
async function doneJobs(file: string) {
  const { jobs } = await readStore(file.replace('.yaml', '.trials'));
  return [...jobs]
    .sort((a, b) => a.number - b.number)
    .flatMap(({ trial, task, outcome }) =>
      'values' in outcome ? [{ trial, task, values: Object.fromEntries(outcome.values) }] : [],
    );
}

describe('nzflow explore', () => {
  it('keeps of a design what its Verilog does, and repeats it from what `best` prints', async () => {
    const file = await searchFile('measured', {
      trials: 3,
      parameters: `  board: arty-a7-35t
  unit.c1: lockstep
  copies: 1
  targetThroughput: 1000
  density.l1: { type: log, low: 0.1, high: 0.3 }`,
      last: '{ name: rtl, cost: 1, samples: 32, simulate: 4 }',
    });
    const run = await nzflow(file, '--workers', '1');
    expect(run.exitCode).toBe(0);
    const jobs = await doneJobs(file);
    const [last] = jobs.filter(({ task }) => task === 1);
    const [first] = jobs.filter(({ trial }) => trial === last?.trial);
    const { values: measured = {} } = last ?? {};
    const { values: guessed = {} } = first ?? {};
    expect(measured['mismatches']).toBe(0);
    // the same design, by more inferences
    expect(measured['lut']).toBe(guessed['lut']);
    const ratio = (measured['throughput'] ?? 0) / (guessed['throughput'] ?? 1);
    expect(Math.abs(ratio - 1)).toBeLessThan(0.01);

    const best = await nzflow('best', file, '--json');
    const [found] = JSON.parse(best.stdout) as readonly { readonly repeat: string }[];
    const again = join(folder, 'again.yaml');
    await writeFile(again, found?.repeat ?? '');
    expect((await nzflow(again, '--workers', '1')).exitCode).toBe(0);
    expect((await doneJobs(again)).map(({ values }) => values)).toEqual([measured]);
  }, 500_000);

  it('searches, goes on after kill -9 as if nothing had been, and shows what it found', async () => {
    const whole = await searchFile('whole');
    const run = await nzflow(whole, '--workers', '2', '--json');
    expect(run.exitCode).toBe(0);
    const data = JSON.parse(run.stdout) as {
      readonly trials: readonly { readonly accuracy: number }[];
    };
    expect(data.trials).toHaveLength(4);
    for (const { accuracy } of data.trials) expect(accuracy).toBeGreaterThan(0.1);

    const killed = await searchFile('killed');
    const child = spawn(
      process.execPath,
      [join(root, 'dist/cli/main.js'), 'explore', killed, '--workers', '1'],
      { stdio: 'ignore' },
    );
    const store = killed.replace('.yaml', '.trials');
    for (;;) {
      const lines = (await readFile(store, 'utf8').catch(() => '')).split('\n').length;
      if (lines > 2) break;
      await setTimeout(20);
    }
    child.kill('SIGKILL');
    await new Promise((resolve) => {
      child.once('exit', resolve);
    });
    expect((await readStore(store)).jobs.length).toBeLessThan(4);
    const again = await nzflow(killed, '--workers', '1');
    expect(again.exitCode).toBe(0);
    expect(await jobsIn(killed)).toEqual(await jobsIn(whole));

    const status = await nzflow('status', whole);
    expect(status.stdout).toContain('4 trials: ');
    const best = await nzflow('best', whole);
    expect(best.stdout).toContain('on the Pareto front');
    const csv = await nzflow('export', whole);
    expect(csv.stdout.split('\r\n')[0]).toBe(
      'trial,task,feasible,pareto,failure,density.c2,density.l1,accuracy,throughput',
    );
    expect(csv.stdout.trimEnd().split('\r\n')).toHaveLength(5);
    // the search left its page, in which every trial has its file, and reports of the last task
    const page = dataOf(await readFile(`${whole.replace('.yaml', '.trials')}.html`, 'utf8'));
    const last = page.tasks.length - 1;
    const through = page.jobs.filter(({ task }) => task === last).map(({ trial }) => trial);
    expect(page.reports).toEqual([...through].sort((a, b) => a - b));
    const cheap = page.trials.find(({ trial }) => !through.includes(trial));
    const job = page.jobs.find(({ trial }) => trial === cheap?.trial);
    const cheapFile = join(folder, 'cheap.yaml');
    const point = page.parameters.flatMap(({ name }, at) => {
      const value = cheap?.point[at] ?? null;
      return value === null ? [] : [[name, value] as const];
    });
    await writeFile(cheapFile, repeatingYaml(page.repeat, point, 0));
    expect((await nzflow(cheapFile, '--workers', '1')).exitCode).toBe(0);
    const [repeatedJob] = (await readStore(cheapFile.replace('.yaml', '.trials'))).jobs;
    const values = new Map(
      repeatedJob !== undefined && 'values' in repeatedJob.outcome
        ? repeatedJob.outcome.values
        : [],
    );
    expect(values.size).toBeGreaterThan(5);
    for (const [index, { name }] of page.metrics.entries())
      if (name !== heldOutMetric) expect(values.get(name)).toBe(job?.values?.[index]);

    // the YAML of the best design repeats it
    const repeated = join(folder, 'repeated.yaml');
    const first = best.stdout.split('\n\n')[0] ?? '';
    await writeFile(repeated, first);
    const repeat = await nzflow(repeated, '--json', '--workers', '1');
    const one = (
      JSON.parse(repeat.stdout) as { readonly trials: readonly Record<string, unknown>[] }
    ).trials[0];
    const trial = Number(/trial (\d+)/.exec(first)?.[1]);
    const all = (
      JSON.parse((await nzflow('status', whole, '--json')).stdout) as {
        readonly trials: readonly Record<string, unknown>[];
      }
    ).trials;
    const original = all.find((other) => other['trial'] === trial);
    expect(one?.['accuracy']).toBe(original?.['accuracy']);
    expect(one?.['throughput']).toBe(original?.['throughput']);
  }, 300_000);

  it('tells what no trial can reach', async () => {
    const file = await searchFile('impossible', { threshold: '>= 101 %', trials: 2 });
    const { exitCode, stdout } = await nzflow(file, '--workers', '1');
    expect(exitCode).toBe(0);
    expect(stdout).toContain('No trial has met all thresholds');
    expect(stdout).toContain('finished trials are kept');
  }, 120_000);

  it('names every parameter that the network does not have', async () => {
    const file = await searchFile('wrong', {
      parameters: `  board: arty-a7-35t
  density.c9: { type: log, low: 0.05, high: 0.5 }
  setSize.c2: { type: real, low: 2, high: 3.5 }
  weightBits: { type: integer, low: 1, high: 8 }`,
    });
    const { exitCode, stderr } = await nzflow(file);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('parameters.density.c9: there is no such parameter');
    expect(stderr).toContain('parameters.setSize.c2: it cannot be 3.5');
    expect(stderr).toContain('parameters.weightBits: it cannot be 1');
  });

  it('refuses a store of another search, and keeps it', async () => {
    const file = await searchFile('other', { trials: 1 });
    expect((await nzflow(file, '--workers', '1')).exitCode).toBe(0);
    const before = await readFile(file.replace('.yaml', '.trials'));
    await writeFile(file, (await readFile(file, 'utf8')).replace('high: 0.5 }', 'high: 0.4 }'));
    const { exitCode, stderr } = await nzflow(file, '--workers', '1');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('a search with another parameters');
    expect(await readFile(file.replace('.yaml', '.trials'))).toEqual(before);
  }, 60_000);

  it('says which port it cannot have, and lets go of the store', async () => {
    const file = await searchFile('port', { trials: 1 });
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    const { exitCode, stderr } = await nzflow(file, '--workers', '1', '--serve', String(port));
    taken.close();
    expect(exitCode).toBe(2);
    expect(stderr).toContain(`cannot be served at port ${String(port)}`);
    const again = await nzflow(file, '--workers', '1', '--serve');
    expect(again.exitCode).toBe(0);
    expect(again.stderr).toMatch(/can be watched at http:\/\/127\.0\.0\.1:\d+\//);
    expect((await nzflow(file, '--serve', '70000')).stderr).toContain('it is a port');
    expect((await nzflow('status', file, '--serve')).stderr).toContain('--serve belongs to');
  }, 120_000);

  it('says what is missing', async () => {
    expect((await nzflow()).stderr).toContain('no search is given');
    const { stderr, exitCode } = await nzflow('statsu', 'a.yaml');
    expect(exitCode).toBe(2);
    expect(stderr).toContain('is none of status, best, export, html');
    expect((await nzflow('status', join(folder, 'nowhere.yaml'))).stderr).toContain('no such file');
  });
});
