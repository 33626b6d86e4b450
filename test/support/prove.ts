import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { sourcesOf } from '../hdl/lint/tools.ts';

/** A module whose `ifdef FORMAL_<module>` is proved for a set of parameters. */
export interface Proof {
  readonly module: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** Of the bounded check and of the induction. */
  readonly steps: number;
  /** Bounded check only: too much state for induction. Verilog sees FORMAL_BOUNDED. */
  readonly bounded?: true;
  /** Steps within which the cover is reached; 20 where absent. */
  readonly coverSteps?: number;
  /** Memories stay arrays of the solver, not a register a word: for those of many words. */
  readonly arrays?: true;
  /** Verilog beside the templates. */
  readonly sources?: readonly string[];
  /** Texts of memory images the module reads, by name. */
  readonly images?: Readonly<Record<string, string>>;
}

/** A template made wrong: `from`, which it has once, becomes `to`. */
export interface Fault {
  readonly template: string;
  readonly from: string;
  readonly to: string;
}

/** Everything the module states holds, and its covers are reached: '', else what a tool said. */
export function prove(proof: Proof): string {
  return inFolder((folder) => {
    const made = makeModel(proof, sourcesOf(proof.module), folder);
    if (made !== '') return made;
    const checks = [
      ['-t', String(proof.steps)],
      ...(proof.bounded === true ? [] : [['-i', '-t', String(proof.steps)]]),
      ['-c', '-t', String(proof.coverSteps ?? 20)],
    ];
    for (const check of checks) {
      const { done, text } = solve(check, folder);
      if (!done || !text.includes('Status: PASSED')) return `${check.join(' ')}: ${text}`;
    }
    return '';
  });
}

/** The bounded check of the proof finds the fault, as a run that breaks an assertion: '', else what a tool said. */
export function refute(proof: Proof, { template, from, to }: Fault): string {
  return inFolder((folder) => {
    const files = sourcesOf(proof.module).map((file) => {
      if (basename(file) !== `${template}.v`) return file;
      const parts = readFileSync(file, 'utf8').split(from);
      if (parts.length !== 2) throw new Error(`${template}.v does not have once: ${from}`);
      const changed = join(folder, basename(file));
      writeFileSync(changed, parts.join(to));
      return changed;
    });
    const made = makeModel(proof, files, folder);
    if (made !== '') return made;
    const { text } = solve(['-t', String(proof.steps)], folder);
    return text.includes('Assert failed in') ? '' : text;
  });
}

function inFolder(work: (folder: string) => string): string {
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-proof-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The module for the solver: '', else what Yosys said. */
function makeModel(proof: Proof, templates: readonly string[], folder: string): string {
  const { module, parameters, bounded, arrays, sources = [], images = {} } = proof;
  for (const [name, text] of Object.entries(images)) writeFileSync(join(folder, name), text);
  const set = Object.entries(parameters)
    .map(([name, value]) => `-chparam ${name} ${value}`)
    .join(' ');
  // only the module's own properties: what a module inside assumes would be taken for granted
  const defines = `-D FORMAL_${module}${bounded === true ? ' -D FORMAL_BOUNDED' : ''}`;
  const made = run(
    'yosys',
    [
      '-q',
      '-p',
      `read_verilog -defer -formal ${defines} ${[...sources, ...templates].join(' ')}; ` +
        `hierarchy -check -top ${module} ${set}; ` +
        `prep -flatten ${arrays === true ? '-nordff' : ''} -top ${module}; ` +
        `${arrays === true ? '' : 'memory_map; '}opt -full; async2sync; dffunmap; ` +
        'write_smt2 -wires design.smt2',
    ],
    folder,
  );
  return made.done ? '' : made.text;
}

function solve(check: readonly string[], folder: string): ReturnType<typeof run> {
  return run(
    'yosys-smtbmc',
    ['--noprogress', '--unroll', '-s', 'z3', ...check, 'design.smt2'],
    folder,
  );
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
