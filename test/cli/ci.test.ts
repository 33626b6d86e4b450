import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

/** The built program in a folder with nothing but a network and its configuration, as in a CI job. */
const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'dist/cli/main.js');

let folder = '';

beforeAll(async () => {
  await execa(process.execPath, [join(root, 'scripts/setup.mjs'), '--build']);
  folder = await mkdtemp(join(tmpdir(), 'nzflow-ci-'));
  const example = join(root, 'examples/tiny-cnn');
  for (const name of ['model.onnx', 'inputs.npy', 'labels.npy', 'calibrate.npy']) {
    await cp(join(example, name), join(folder, name));
  }
  const docs = await readFile(join(root, 'docs/ci.md'), 'utf8');
  const config = /```yaml\n(# nzflow\.yaml\n[^]*?)```/.exec(docs)?.[1] ?? '';
  // a run of the same kind in seconds
  await writeFile(join(folder, 'nzflow.yaml'), `${config}samples: 4\ntargetThroughput: 120000\n`);
});
afterAll(() => rm(folder, { recursive: true }));

/** A line of shell with `npx nzflow` in it. */
function shell(line: string, environment: Readonly<Record<string, string>> = {}) {
  return execa('sh', ['-c', line.replace('npx nzflow', `"${process.execPath}" "${program}"`)], {
    cwd: folder,
    reject: false,
    stdin: 'ignore',
    env: { CI: 'true', GITHUB_STEP_SUMMARY: '', ...environment },
  });
}

interface Step {
  readonly name?: string;
  readonly run?: string;
}

async function verifyStep(): Promise<string> {
  const workflow = parse(await readFile(join(root, 'docs/ci-workflow.yml'), 'utf8')) as {
    readonly jobs: { readonly verify: { readonly steps: readonly Step[] } };
  };
  const step = workflow.jobs.verify.steps.find(({ name }) => name === 'Verify');
  return step?.run ?? 'false';
}

describe('the workflow in docs/', () => {
  it('runs, and leaves its results where the job shows them', { timeout: 600_000 }, async () => {
    const page = join(folder, 'page.md');
    await writeFile(page, 'what a step before said\n');
    const run = await shell(await verifyStep(), { GITHUB_STEP_SUMMARY: page });
    expect(run.exitCode, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/✓ sparse-sparse.throughput >= 100 k\/s holds: /);
    // eslint-disable-next-line no-control-regex -- no colours, no cursor
    expect(run.stdout + run.stderr).not.toMatch(/\u001b/);
    const summary = await readFile(page, 'utf8');
    expect(summary).toMatch(/^what a step before said\n\n### /);
    expect(summary).toContain('✅ Bit-exact.');
    const junit = await readFile(join(folder, 'junit.xml'), 'utf8');
    expect(junit).toMatch(/<testsuites name="nzflow [^"]+" tests="\d+" failures="0" errors="0"/);
    expect(junit).toContain('<testsuite name="expectations" tests="4" failures="0"');
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('fails when something expected does not hold, and says what', async () => {
    const line =
      'npx nzflow report build/nzflow --expect "throughput >= 1e12, dense.lut <= 100 %" ' +
      '--junit broken.xml --summary broken.md';
    const run = await shell(line);
    expect(run.exitCode).toBe(1);
    expect(run.stdout).toMatch(/✗ sparse-sparse.throughput >= 1e12 does not hold: [\d.]+.[kM]\/s/);
    expect(run.stdout).toMatch(/✓ dense.lut <= 100 % holds: /);
    expect(await readFile(join(folder, 'broken.xml'), 'utf8')).toMatch(
      /<failure message="sparse-sparse.throughput &gt;= 1e12 does not hold/,
    );
    expect(await readFile(join(folder, 'broken.md'), 'utf8')).toContain(
      '❌ 1 expectation does not hold.',
    );
    const report = JSON.parse(await readFile(join(folder, 'build/nzflow/report.json'), 'utf8')) as {
      readonly expectations: readonly { readonly met: boolean }[];
    };
    expect(report.expectations.map(({ met }) => met)).toEqual([false, true]);
  });

  it('shows a run that has no result', async () => {
    await writeFile(join(folder, 'broken.onnx'), 'not a network');
    const line = 'npx nzflow run broken.onnx --board zcu104 --junit none.xml --summary none.md';
    const run = await shell(line);
    expect(run.exitCode).toBe(2);
    expect(await readFile(join(folder, 'none.xml'), 'utf8')).toMatch(
      /errors="1"[^]*<error message="broken.onnx: /,
    );
    expect(await readFile(join(folder, 'none.md'), 'utf8')).toMatch(
      /❌ No result.\n\n {4}broken.onnx: /,
    );
  });

  it('finds mistakes before it builds anything', async () => {
    const refused = async (options: string): Promise<string> => {
      const run = await shell(`npx nzflow run model.onnx --board zcu104 ${options}`);
      expect(run.exitCode).toBe(2);
      return run.stderr;
    };
    expect(await refused('--expect "speed > 3"')).toMatch(/there is no figure "speed"/);
    expect(await refused('--variants dense --expect "sparse-sparse.lut < 3"')).toMatch(
      /is about a variant that is not built/,
    );
    expect(await refused('--junit build')).toMatch(/build: the file cannot be written: it is a f/);
    expect(await refused('--junit model.onnx')).toMatch(/it is another file of the run/);
    expect(await refused('--junit a.x --summary ./a.x')).toMatch(/it is another file of the run/);
    expect(await refused('--summary /dev/null')).toMatch(/it is a device or a pipe/);
    expect(await refused('--junit model.onnx/junit.xml')).toMatch(/the file cannot be written/);
  });

  it('compares two reports', async () => {
    const same = await shell('npx nzflow diff build/nzflow build/nzflow/report.json');
    expect(same).toMatchObject({ exitCode: 0 });
    expect(same.stdout).toMatch(/^All \d+ figures are the same$/);
    const text = await readFile(join(folder, 'build/nzflow/report.json'), 'utf8');
    const report = JSON.parse(text) as {
      variants: { dense: { resources: { lut: number } } };
    };
    report.variants.dense.resources.lut *= 1.1;
    await writeFile(join(folder, 'worse.json'), JSON.stringify(report));
    const worse = await shell('npx nzflow diff build/nzflow worse.json --max-regression 5');
    expect(worse.exitCode).toBe(1);
    expect(worse.stdout).toMatch(/LUT .*\+10\.0 % {2}worse\n/);
    expect(worse.stdout).toMatch(/1 figure is more than 5 % worse: dense.lut$/);
    expect(
      await shell('npx nzflow diff build/nzflow worse.json --max-regression 11'),
    ).toMatchObject({ exitCode: 0 });
    const missing = await shell('npx nzflow diff build/nzflow nowhere');
    expect(missing.exitCode).toBe(2);
    expect(missing.stderr).toMatch(/nowhere: cannot read the report/);
    expect((await shell('npx nzflow diff build/nzflow')).stderr).toMatch(/two reports are needed/);
  });
});
