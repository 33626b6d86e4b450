import { dirname, join } from 'node:path';
import { exitCodes, fail } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import type { Plan } from '../ir/plan.ts';
import type { Host, Outcome } from '../options.ts';
import { plural } from '../report/format.ts';
import type { StoredNetwork } from '../report/stored-network.ts';
import { referenceFolder } from '../report/stored-network.ts';
import { readReference } from '../simulate/reference-store.ts';
import { requireTools } from '../simulate/tools.ts';
import { checkNetlists } from '../synthesize/netlist-check.ts';
import type { NetlistVerdict } from '../synthesize/netlist-check.ts';
import { netlistFamily, netlistKinds } from '../synthesize/netlist-family.ts';
import { expectedLines, stimulusLines } from './netlist-beats.ts';

const meaningOf: Readonly<Record<NetlistVerdict['kind'], string>> = {
  verilog: 'the Verilog itself',
  logic: 'logic alone',
  parts: 'with multiplier blocks and block memories',
};

/**
 * Simulates what Yosys makes of designs against the reference, bit for bit, and against the Verilog, cycle for
 * cycle: as logic alone, and with multiplier blocks and block memories. Exit code 1 when any beat differs.
 */
export async function verifyNetlists(
  folder: string,
  plans: readonly Plan[],
  network: StoredNetwork,
  wanted: number,
  host: Host,
): Promise<Outcome> {
  const family = netlistFamily(network.board.family);
  if (family === null) {
    fail('usage/verify-netlist', `netlists of ${network.board.family} parts cannot be verified`, {
      place: '--verify-netlist',
      remedy:
        'plan for a board with an UltraScale+ or iCE40 part, for example ultra96 or ice40hx8k',
    });
  }
  for (const plan of plans) requireFixedWeights(plan);
  const [yosys, iverilog, verilator] = (
    await requireTools(['yosys', 'iverilog', 'verilator', 'g++', 'make'])
  ).map(({ path, name }) => present(path, `${name} has a path`));
  const samples = Math.min(wanted, network.sizes.samples);
  const reference = await readReference(join(folder, referenceFolder), network.sizes, samples);
  const checked: { readonly plan: Plan; readonly verdict: NetlistVerdict }[] = [];
  for (const plan of plans) {
    const verdicts = await checkNetlists({
      inBits: plan.input.beatBits,
      outBits: plan.output.beatBits,
      kinds: netlistKinds,
      family,
      hdlFolder: join(folder, plan.variant, 'hdl'),
      synthFolder: join(folder, plan.variant, 'synth'),
      yosys: present(yosys, 'Yosys was found'),
      tools: {
        verilator: present(verilator, 'Verilator was found'),
        iverilog: present(iverilog, 'Icarus was found'),
        vvp: join(dirname(present(iverilog, 'Icarus was found')), 'vvp'),
      },
      stimulus: stimulusLines(plan, reference.inputs),
      expected: expectedLines(plan, reference.logits),
      signal: host.signal,
      onStep: (what) => host.progress.phase(`simulating ${plan.variant}: ${what}`),
      onLine: (line) => host.progress.update(null, line),
    });
    checked.push(...verdicts.map((verdict) => ({ plan, verdict })));
  }
  const lines = checked.map(({ plan, verdict: { kind, equal, text } }) => {
    const result = equal
      ? `bit-exact on ${plural(samples, 'sample')} in the cycles of the Verilog`
      : 'DIFFERENT';
    return `${plan.variant}, ${meaningOf[kind]}: ${result}\n  ${text}`;
  });
  return {
    exitCode: checked.every(({ verdict }) => verdict.equal) ? exitCodes.done : exitCodes.mismatch,
    text: `${lines.join('\n')}\n`,
    data: {
      samples,
      netlists: checked.map(({ plan, verdict }) => ({ variant: plan.variant, ...verdict })),
    },
  };
}

function requireFixedWeights({ variant, load, weightStream }: Plan): void {
  if (load === undefined && weightStream === undefined) return;
  fail('usage/verify-netlist', `weights of ${variant} come over a stream`, {
    place: '--verify-netlist',
    remedy: 'build it with --weights fixed, or name other variants',
  });
}
