import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { present } from '../../src/base/invariant.ts';
import { compileModel, synthesizeBuild } from '../../src/compile.ts';
import { expectedLines, stimulusLines } from '../../src/compile/netlist-beats.ts';
import type { Plan } from '../../src/ir/plan.ts';
import { readPlan } from '../../src/read/plan.ts';
import { readNetwork, referenceFolder } from '../../src/report/stored-network.ts';
import { readReference } from '../../src/simulate/reference-store.ts';
import type { StoredReference } from '../../src/simulate/reference-store.ts';
import { findOnPath } from '../../src/simulate/tools.ts';
import { checkNetlists } from '../../src/synthesize/netlist-check.ts';
import { netlistFamily } from '../../src/synthesize/netlist-family.ts';
import { host, tinyOptions } from '../compile/tiny.ts';
import { userErrorOf } from '../support/user-error.ts';

const yosys = await findOnPath('yosys');
const iverilog = await findOnPath('iverilog');
const verilator = await findOnPath('verilator');

const samples = 4;

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
  reference = await readReference(join(out, referenceFolder), sizes, samples);
});
afterAll(() => rm(folder, { recursive: true }));

describe('beats of a netlist simulation', () => {
  it('are all of every sample, last with the last', () => {
    const [stimulus = []] = stimulusLines(plan, reference.inputs);
    expect(stimulus).toHaveLength(plan.input.beatsPerInference);
    const last = (line: string, bits: number): bigint => BigInt(`0x${line}`) >> BigInt(bits);
    const ends = stimulus.map((line) => last(line, plan.input.beatBits));
    expect(ends.indexOf(1n)).toBe(ends.length - 1);
    const [expected = []] = expectedLines(plan, reference.logits);
    expect(expected).toHaveLength(plan.output.beatsPerInference);
    const mask = 0xffffffffn;
    const first = BigInt(`0x${expected[0] ?? '0'}`);
    expect(BigInt.asIntN(32, first & mask)).toBe(BigInt(reference.logits[0]?.[0] ?? 0));
    expect((first >> BigInt(plan.output.beatBits)) & mask).toBe(mask);
  });
});

describe.runIf(yosys !== null && iverilog !== null)('a netlist', { timeout: 600_000 }, () => {
  it('of a network gives the beats of the reference in the cycles of the Verilog', async () => {
    const verdicts = await checkNetlists({
      inBits: plan.input.beatBits,
      outBits: plan.output.beatBits,
      kinds: ['parts'],
      family: present(netlistFamily('ultrascale-plus'), 'a family with models'),
      hdlFolder: join(out, 'sparse-sparse/hdl'),
      synthFolder: folder,
      yosys: yosys ?? '',
      tools: {
        verilator: verilator ?? '',
        iverilog: iverilog ?? '',
        vvp: join(dirname(iverilog ?? ''), 'vvp'),
      },
      stimulus: stimulusLines(plan, reference.inputs),
      expected: expectedLines(plan, reference.logits),
      signal: host.signal,
      onStep: () => undefined,
      onLine: () => undefined,
    });
    expect(verdicts).toHaveLength(1);
    expect(verdicts[0]).toMatchObject({ kind: 'parts', equal: true });
    const beats = samples * plan.output.beatsPerInference;
    expect(verdicts[0]?.text).toMatch(new RegExp(`^back to back ${beats} beats in \\d+ cycles; `));
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
