import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileModel, reportBuild } from '../../src/compile.ts';
import { findOnPath } from '../../src/simulate/tools.ts';
import { tclWord } from '../../src/synthesize/tcl.ts';
import { host, tinyOptions } from '../compile/tiny.ts';

const stubs = fileURLToPath(new URL('vivado-stubs.tcl', import.meta.url));
const tclsh = await findOnPath('tclsh');

let folder = '';
let script = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nzflow-activity-'));
  await compileModel(tinyOptions(folder), host);
  await reportBuild({ buildFolder: folder }, host);
  script = join(folder, 'sparse-sparse/synth/power/activity.tcl');
});
afterAll(() => rm(folder, { recursive: true }));

/** Sources a script in tclsh with stubs for Vivado's commands, a routed design open. */
async function runStubbed(file: string) {
  const wrapper = join(folder, 'stubbed.tcl');
  await writeFile(
    wrapper,
    `source ${tclWord(stubs)}\nset stub_state(design) routed\nsource ${tclWord(file)}\n`,
  );
  return execa(tclsh ?? 'tclsh', [wrapper], {
    reject: false,
    env: { STUB_CALLS: join(folder, 'calls') },
  });
}

describe.runIf(tclsh !== null)('switching activity for Vivado', () => {
  it('is written with a report, and every command is one that Vivado takes', async () => {
    const run = await runStubbed(script);
    expect(run.stderr).toBe('');
    const calls = await readFile(join(folder, 'calls'), 'utf8');
    for (const type of ['register', 'lut', 'dsp']) expect(calls).toContain(`-type ${type} `);
  });

  it.each([
    ['a type that there is not', /\{register\}/, '{flip-flop}', /no type flip-flop/],
    ['a rate too high', /-toggle_rate \S+/, '-toggle_rate 101', /rate 101 with probability/],
    ['an option that there is not', /-all/, '-everywhere', /no option -everywhere/],
  ])('is refused with %s', async (_, from, to, message) => {
    const text = await readFile(script, 'utf8');
    const broken = join(folder, 'broken.tcl');
    await writeFile(broken, text.replace(from, to));
    expect((await runStubbed(broken)).stderr).toMatch(message);
  });
});
