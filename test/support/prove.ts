import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sourcesOf } from '../hdl/lint/tools.ts';

/** A module whose `ifdef FORMAL` is proved for a set of parameters. */
export interface Proof {
  readonly module: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** Of the bounded check and of the induction. */
  readonly steps: number;
  /** Bounded check only: too much state for induction. */
  readonly bounded?: true;
  /** Steps within which the cover is reached; 20 where absent. */
  readonly coverSteps?: number;
  /** Verilog beside the templates. */
  readonly sources?: readonly string[];
  /** Texts of memory images the module reads, by name. */
  readonly images?: Readonly<Record<string, string>>;
}

/** Everything the module states holds, and its covers are reached: '', else what a tool said. */
export function prove({
  module,
  parameters,
  steps,
  bounded,
  coverSteps,
  sources = [],
  images = {},
}: Proof): string {
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-proof-'));
  try {
    for (const [name, text] of Object.entries(images)) writeFileSync(join(folder, name), text);
    const set = Object.entries(parameters)
      .map(([name, value]) => `-chparam ${name} ${value}`)
      .join(' ');
    const made = run(
      'yosys',
      [
        '-q',
        '-p',
        `read_verilog -defer -formal -D FORMAL -D FORMAL_${module} ${[...sources, ...sourcesOf(module)].join(' ')}; ` +
          `hierarchy -check -top ${module} ${set}; prep -flatten -top ${module}; ` +
          'memory_map; opt -full; async2sync; dffunmap; write_smt2 -wires design.smt2',
      ],
      folder,
    );
    if (!made.done) return made.text;
    const checks = [
      ['-t', String(steps)],
      ...(bounded === true ? [] : [['-i', '-t', String(steps)]]),
      ['-c', '-t', String(coverSteps ?? 20)],
    ];
    for (const check of checks) {
      const smt = ['--noprogress', '--unroll', '-s', 'z3', ...check, 'design.smt2'];
      const { done, text } = run('yosys-smtbmc', smt, folder);
      if (!done || !text.includes('Status: PASSED')) return `${check.join(' ')}: ${text}`;
    }
    return '';
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(
  command: string,
  options: readonly string[],
  cwd: string,
): { readonly done: boolean; readonly text: string } {
  const child = spawnSync(command, options, { cwd, encoding: 'utf8', timeout: 110_000 });
  if (child.error !== undefined) throw child.error;
  return { done: child.status === 0, text: `${child.stdout}${child.stderr}` };
}
