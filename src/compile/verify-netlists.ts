import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exitCodes, fail } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import type { Plan } from '../ir/plan.ts';
import type { Host, Outcome, SynthesisTool } from '../options.ts';
import { plural } from '../report/format.ts';
import type { StoredNetwork } from '../report/stored-network.ts';
import { referenceFolder } from '../report/stored-network.ts';
import { hangCycles } from '../simulate/manifest.ts';
import { readReference } from '../simulate/reference-store.ts';
import { requireTools } from '../simulate/tools.ts';
import { ice40Folder, placedNetlist } from '../synthesize/ice40/run.ts';
import { checkNetlists } from '../synthesize/netlist-check.ts';
import type { NetlistVerdict } from '../synthesize/netlist-check.ts';
import { netlistFamily, netlistKinds } from '../synthesize/netlist-family.ts';
import { expectedLines, stimulusLines } from './netlist-beats.ts';

const meaningOf: Readonly<Record<NetlistVerdict['kind'], string>> = {
  verilog: 'the Verilog itself',
  logic: 'logic alone',
  parts: 'with multiplier blocks and block memories',
  placed: 'as it is in the bitstream',
};

/** Designs whose netlists are wanted. */
export interface NetlistsWanted {
  /** The build. */
  readonly folder: string;
  readonly plans: readonly Plan[];
  readonly network: StoredNetwork;
  readonly tool: SynthesisTool;
  readonly samples: number;
}

/**
 * Simulates what Yosys makes of designs against the reference, bit for bit, and against the Verilog, cycle for
 * cycle: as logic alone, and with multiplier blocks and block memories; with tool `ice40` the netlists that were placed.
 * Exit code 1 when any beat differs.
 */
export async function verifyNetlists(
  { folder, plans, network, tool, samples: wanted }: NetlistsWanted,
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
  const bitstreams = tool === 'ice40';
  if (bitstreams) for (const plan of plans) await requireBitstream(folder, plan);
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
      patience: hangCycles(plan),
      kinds: bitstreams ? ['placed'] : netlistKinds,
      placed: placedNetlistOf(folder, plan),
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

function placedNetlistOf(folder: string, { variant }: Plan): string {
  return join(folder, variant, ice40Folder, placedNetlist);
}

async function requireBitstream(folder: string, plan: Plan): Promise<void> {
  const netlist = placedNetlistOf(folder, plan);
  await access(netlist).catch((cause: unknown) =>
    fail('usage/verify-netlist', `no netlist of ${plan.variant} was placed`, {
      place: netlist,
      remedy: 'run nzflow synth --tool ice40 without --verify-netlist before',
      cause,
    }),
  );
}

function requireFixedWeights({ variant, load, weightStream }: Plan): void {
  if (load === undefined && weightStream === undefined) return;
  fail('usage/verify-netlist', `weights of ${variant} come over a stream`, {
    place: '--verify-netlist',
    remedy: 'build it with --weights fixed, or name other variants',
  });
}
