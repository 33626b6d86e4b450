import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileModel, synthesizeBuild } from '../../src/compile.ts';
import { expectedLines, stimulusLines } from '../../src/compile/netlist-beats.ts';
import type { Plan } from '../../src/ir/plan.ts';
import { readPlan } from '../../src/read/plan.ts';
import { readNetwork, referenceFolder } from '../../src/report/stored-network.ts';
import { readReference } from '../../src/simulate/reference-store.ts';
import type { StoredReference } from '../../src/simulate/reference-store.ts';
import { findOnPath } from '../../src/simulate/tools.ts';
import { simulateNetlist, writeNetlist } from '../../src/synthesize/netlist-check.ts';
import { host, tinyOptions } from '../compile/tiny.ts';
import { userErrorOf } from '../support/user-error.ts';

const yosys = await findOnPath('yosys');
const iverilog = await findOnPath('iverilog');

let folder = '';
let out = '';
let plan: Plan;
let reference: StoredReference;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nzflow-netlist-'));
  out = join(folder, 'build');
  await compileModel(tinyOptions(out, { board: 'ultra96', targetThroughput: 200_000 }), host);
  plan = await readPlan(join(out, 'sparse-sparse/plan.json'));
  const { sizes } = await readNetwork(out);
  reference = await readReference(join(out, referenceFolder), sizes, 1);
});
afterAll(() => rm(folder, { recursive: true }));

describe('beats of a netlist simulation', () => {
  it('are all of every sample, last with the last', () => {
    const stimulus = stimulusLines(plan, reference.inputs);
    expect(stimulus).toHaveLength(plan.input.beatsPerInference);
    const last = (line: string, bits: number): bigint => BigInt(`0x${line}`) >> BigInt(bits);
    const ends = stimulus.map((line) => last(line, plan.input.beatBits));
    expect(ends.indexOf(1n)).toBe(ends.length - 1);
    const expected = expectedLines(plan, reference.logits);
    expect(expected).toHaveLength(plan.output.beatsPerInference);
    const mask = 0xffffffffn;
    const first = BigInt(`0x${expected[0] ?? '0'}`);
    expect(BigInt.asIntN(32, first & mask)).toBe(BigInt(reference.logits[0]?.[0] ?? 0));
    expect((first >> BigInt(plan.output.beatBits)) & mask).toBe(mask);
  });
});

describe.runIf(yosys !== null && iverilog !== null)('a netlist', { timeout: 600_000 }, () => {
  it('gives the beats of the reference, and not others', async () => {
    const options = {
      plan,
      kind: 'parts',
      family: 'ultrascale-plus',
      hdlFolder: join(out, 'sparse-sparse/hdl'),
      synthFolder: folder,
      yosys: yosys ?? '',
      iverilog: iverilog ?? '',
      vvp: join(dirname(iverilog ?? ''), 'vvp'),
      stimulus: stimulusLines(plan, reference.inputs),
      seed: 1,
      signal: host.signal,
      onLine: () => undefined,
    } as const;
    const netlist = join(folder, 'netlist.v');
    await writeNetlist(options, netlist);
    const check = (lines: readonly string[]) =>
      simulateNetlist({ ...options, expected: lines }, netlist, folder);
    const expected = expectedLines(plan, reference.logits);
    const verdict = await check(expected);
    expect(verdict).toMatchObject({ kind: 'parts', equal: true });
    expect(verdict.text).toMatch(new RegExp(`^${expected.length} beats in \\d+ cycles$`));
    const wrong = expected.map((line, at) =>
      at === expected.length - 1 ? (BigInt(`0x${line}`) ^ 1n).toString(16) : line,
    );
    const found = await check(wrong);
    expect(found.equal).toBe(false);
    expect(found.text).toMatch(new RegExp(`^beat ${expected.length - 1}: out_data_o, got`));
  });

  it('of a part without models is refused', async () => {
    const other = join(folder, 'other');
    await compileModel(tinyOptions(other), host);
    const error = await userErrorOf(() =>
      synthesizeBuild({ buildFolder: other, tool: 'yosys', verifyNetlist: true }, host),
    );
    expect(error.exitCode).toBe(2);
    expect(error.message).toMatch(/netlists of series7 parts cannot be verified/);
  });
});
