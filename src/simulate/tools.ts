import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { execa } from 'execa';
import type { Diagnostic } from '../base/diagnostics.ts';
import { UserError, exitCodes } from '../base/diagnostics.ts';

/** External programs that nzflow starts, in the order `nzflow doctor` lists them. */
export const toolNames = [
  'verilator',
  'g++',
  'make',
  'yosys',
  'iverilog',
  'nextpnr-ice40',
  'icepack',
] as const;
export type ToolName = (typeof toolNames)[number];

/** What a package is called by the package managers we know. */
export interface PackageNames {
  readonly apt: string;
  readonly brew: string;
  readonly dnf: string;
  readonly pacman: string;
}

interface ToolFacts {
  /** Null where the tool does not tell. */
  readonly versionArguments: readonly string[] | null;
  readonly minimumVersion: string | null;
  readonly neededFor: string;
  readonly packages: PackageNames;
}

export const toolFacts: Readonly<Record<ToolName, ToolFacts>> = {
  verilator: {
    versionArguments: ['--version'],
    minimumVersion: '5.0',
    neededFor: 'run, simulate',
    packages: { apt: 'verilator', brew: 'verilator', dnf: 'verilator', pacman: 'verilator' },
  },
  'g++': {
    versionArguments: ['--version'],
    minimumVersion: '9',
    neededFor: 'run, simulate',
    packages: { apt: 'g++', brew: 'gcc', dnf: 'gcc-c++', pacman: 'gcc' },
  },
  make: {
    versionArguments: ['--version'],
    minimumVersion: null,
    neededFor: 'run, simulate',
    packages: { apt: 'make', brew: 'make', dnf: 'make', pacman: 'make' },
  },
  yosys: {
    versionArguments: ['-V'],
    minimumVersion: '0.23',
    neededFor: 'synth --tool yosys, tests',
    packages: { apt: 'yosys', brew: 'yosys', dnf: 'yosys', pacman: 'yosys' },
  },
  iverilog: {
    versionArguments: ['-V'],
    minimumVersion: null,
    neededFor: 'synth --verify-netlist, tests',
    packages: { apt: 'iverilog', brew: 'icarus-verilog', dnf: 'iverilog', pacman: 'iverilog' },
  },
  'nextpnr-ice40': {
    versionArguments: ['--version'],
    minimumVersion: '0.4',
    neededFor: 'synth --tool ice40, tests',
    packages: {
      apt: 'nextpnr-ice40',
      brew: 'nextpnr-ice40',
      dnf: 'nextpnr',
      pacman: 'nextpnr',
    },
  },
  icepack: {
    // it tells no version
    versionArguments: null,
    minimumVersion: null,
    neededFor: 'synth --tool ice40, tests',
    packages: {
      apt: 'fpga-icestorm',
      brew: 'icestorm',
      dnf: 'icestorm',
      pacman: 'icestorm',
    },
  },
};

/** Tools without which `nzflow run` and `nzflow simulate` cannot work. */
export const simulationTools = ['verilator', 'g++', 'make'] as const satisfies readonly ToolName[];

export interface ToolStatus {
  readonly name: ToolName;
  /** Absolute path, null when it is not on PATH. */
  readonly path: string | null;
  /** As the tool tells it, null when it is missing or does not answer. */
  readonly version: string | null;
  /** What keeps us from using it, null when nothing does. */
  readonly problem: string | null;
  /** How to get it. */
  readonly remedy: string;
  readonly neededFor: string;
}

const versionTimeoutMilliseconds = 20_000;

/** Looks for a tool on PATH and asks for its version. Never throws. */
export async function findTool(name: ToolName): Promise<ToolStatus> {
  const facts = toolFacts[name];
  const path = await findOnPath(name);
  const common = {
    name,
    path,
    remedy: await installRemedy(facts.packages),
    neededFor: facts.neededFor,
  };
  if (path === null) return { ...common, version: null, problem: 'is not installed' };
  if (facts.versionArguments === null) return { ...common, version: null, problem: null };
  const answer = await execa(path, facts.versionArguments, {
    reject: false,
    all: true,
    stdin: 'ignore',
    timeout: versionTimeoutMilliseconds,
  });
  const version = /\d+(?:\.\d+)+/.exec(answer.all)?.[0] ?? null;
  if (version === null) return { ...common, version, problem: 'does not tell its version' };
  const minimum = facts.minimumVersion;
  if (minimum !== null && compareVersions(version, minimum) < 0) {
    return { ...common, version, problem: `is version ${version}, needed is ${minimum} or newer` };
  }
  return { ...common, version, problem: null };
}

/** The tools, all usable. Throws one `UserError` (exit code 3) naming every tool that is not. */
export async function requireTools(names: readonly ToolName[]): Promise<readonly ToolStatus[]> {
  const statuses = await Promise.all(names.map(findTool));
  const diagnostics = statuses.flatMap((status): readonly Diagnostic[] =>
    status.problem === null
      ? []
      : [
          {
            code: status.path === null ? 'tool/missing' : 'tool/unusable',
            message: `${status.name} ${status.problem}`,
            place: status.path,
            remedy: status.remedy,
          },
        ],
  );
  if (diagnostics.length > 0) throw new UserError(diagnostics, exitCodes.toolFailed);
  return statuses;
}

/** Compares dotted versions number by number; a missing part counts as 0. */
export function compareVersions(left: string, right: string): number {
  const parts = (version: string): readonly number[] => version.split('.').map(Number);
  const [leftParts, rightParts] = [parts(left), parts(right)];
  for (let index = 0; index < Math.max(leftParts.length, rightParts.length); index += 1) {
    const difference = (leftParts[index] ?? 0) - (rightParts[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Absolute path of a program on PATH, or null. */
export async function findOnPath(program: string): Promise<string | null> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    if (folder === '') continue;
    const path = join(folder, program);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      continue;
    }
  }
  return null;
}

/** The command of the package manager this machine has; all of them when it has none we know. */
async function installRemedy(packages: PackageNames): Promise<string> {
  const managers = [
    ['apt-get', `apt-get install ${packages.apt}`],
    ['brew', `brew install ${packages.brew}`],
    ['dnf', `dnf install ${packages.dnf}`],
    ['pacman', `pacman -S ${packages.pacman}`],
  ] as const;
  for (const [program, command] of managers) {
    if ((await findOnPath(program)) !== null) return command;
  }
  return managers.map(([, command]) => command).join(' | ');
}
