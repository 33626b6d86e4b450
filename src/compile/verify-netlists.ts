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
import { checkNetlist, netlistKinds } from '../synthesize/netlist-check.ts';
import type { NetlistVerdict } from '../synthesize/netlist-check.ts';
import { expectedLines, stimulusLines } from './netlist-beats.ts';

/** Seed of the random gaps in the netlist with DSP blocks and block memories. */
const gapSeed = 1;

/**
 * Simulates what Yosys makes of designs against the reference: as logic alone, beats back to back, and with
 * DSP blocks and block memories, with random gaps. Exit code 1 when any beat differs.
 */
export async function verifyNetlists(
  folder: string,
  plans: readonly Plan[],
  network: StoredNetwork,
  wanted: number,
  host: Host,
): Promise<Outcome> {
  if (network.board.family !== 'ultrascale-plus') {
    fail('usage/verify-netlist', `netlists of ${network.board.family} parts cannot be verified`, {
      place: '--verify-netlist',
      remedy: 'plan for a board with an UltraScale+ part, for example ultra96',
    });
  }
  const [yosys, iverilog] = await requireTools(['yosys', 'iverilog']);
  const samples = Math.min(wanted, network.sizes.samples);
  const reference = await readReference(join(folder, referenceFolder), network.sizes, samples);
  const checked: { readonly plan: Plan; readonly verdict: NetlistVerdict }[] = [];
  for (const plan of plans) {
    if (plan.load !== undefined || plan.weightStream !== undefined) {
      fail('usage/verify-netlist', `weights of ${plan.variant} come over a stream`, {
        place: '--verify-netlist',
        remedy: 'build it with --weights fixed, or name other variants',
      });
    }
    for (const kind of netlistKinds) {
      host.progress.phase(`simulating the netlist of ${plan.variant}: ${kind}`);
      const program = present(iverilog?.path, 'Icarus has a path');
      const verdict = await checkNetlist({
        plan,
        kind,
        family: network.board.family,
        hdlFolder: join(folder, plan.variant, 'hdl'),
        synthFolder: join(folder, plan.variant, 'synth'),
        yosys: present(yosys?.path, 'Yosys has a path'),
        iverilog: program,
        vvp: join(dirname(program), 'vvp'),
        stimulus: stimulusLines(plan, reference.inputs),
        expected: expectedLines(plan, reference.logits),
        seed: kind === 'parts' ? gapSeed : 0,
        signal: host.signal,
        onLine: (line) => host.progress.update(null, line),
      });
      checked.push({ plan, verdict });
    }
  }
  const lines = checked.map(({ plan, verdict: { kind, equal, text } }) => {
    const what = kind === 'logic' ? 'logic alone' : 'with DSP blocks and block memories, gaps';
    return `${plan.variant}, ${what}: ${equal ? 'bit-exact' : 'DIFFERENT'} on ${plural(samples, 'sample')}, ${text}`;
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
