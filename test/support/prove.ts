import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { sourcesOf } from '../hdl/lint/tools.ts';
import { abcArguments, aigScript, countOf, reachedOf, unbroken } from './prove-abc.ts';

/** A module whose `ifdef FORMAL_<module>` is proved for a set of parameters. */
export interface Proof {
  readonly module: string;
  readonly parameters: Readonly<Record<string, number>>;
  /** Of the bounded check and of the induction. */
  readonly steps: number;
  /** Bounded check only: too much state for induction. Verilog sees FORMAL_BOUNDED. */
  readonly bounded?: true;
  /** Bounded check and covers bit by bit, in ABC: quicker, but for divisions. z3 where absent, and for induction. */
  readonly solver?: 'abc';
  /** Steps within which the covers are reached; 20 where absent. */
  readonly coverSteps?: number;
  /** Verilog beside the templates. */
  readonly sources?: readonly string[];
  /** Texts of memory images the module reads, by name. */
  readonly images?: Readonly<Record<string, string>>;
}

/** A template made wrong: `from`, which it has once before its properties, becomes `to`. */
export interface Fault {
  readonly template: string;
  readonly from: string;
  readonly to: string;
  /** Of the bounded check that finds it, where the proof has fewer. */
  readonly steps?: number;
}

/** Everything the module states holds, and its covers are reached: '', else what a tool said. */
export function prove(proof: Proof): string {
  return inFolder((folder) => {
    const made = makeModels(proof, sourcesOf(proof.module), folder);
    if (made !== '') return made;
    const bounded = checkBounded(proof, folder);
    if (bounded.verdict !== 'holds') return `bounded: ${bounded.text}`;
    if (proof.bounded !== true) {
      const induction = solve(['-i', '-t', String(proof.steps)], folder);
      if (!induction.done) return `induction: ${induction.text}`;
    }
    return checkCovers(proof, folder);
  });
}

/** The bounded check of the proof finds the fault, as a run that breaks an assertion: '', else what a tool said. */
export function refute(given: Proof, { template, from, to, steps }: Fault): string {
  const proof: Proof = steps === undefined ? given : { ...given, steps, solver: 'abc' };
  return inFolder((folder) => {
    const files = sourcesOf(proof.module).map((file) => {
      if (basename(file) !== `${template}.v`) return file;
      const text = readFileSync(file, 'utf8');
      const [hardware = ''] = text.split('`ifdef FORMAL_', 1);
      const parts = hardware.split(from);
      if (parts.length !== 2) throw new Error(`${template}.v does not have once: ${from}`);
      const changed = join(folder, basename(file));
      writeFileSync(changed, parts.join(to) + text.slice(hardware.length));
      return changed;
    });
    const made = makeModels(proof, files, folder);
    if (made !== '') return made;
    const { verdict, text } = checkBounded(proof, folder);
    return verdict === 'fails' ? '' : text;
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

/** The module for the solvers: '', else what Yosys said. */
function makeModels(proof: Proof, templates: readonly string[], folder: string): string {
  const { module, parameters, bounded, solver, sources = [], images = {} } = proof;
  for (const [name, text] of Object.entries(images)) writeFileSync(join(folder, name), text);
  const files = templates.map((file) =>
    basename(file) === `${module}.v` ? withParameters(file, parameters, folder) : file,
  );
  // only the module's own properties: what a module inside assumes would be taken for granted
  const defines = `-D FORMAL_${module}${bounded === true ? ' -D FORMAL_BOUNDED' : ''}`;
  const script = [
    `read_verilog -defer -formal ${defines} ${[...sources, ...files].join(' ')}`,
    `hierarchy -check -top ${module}`,
    'setattr -unset keep_hierarchy c:*; setattr -mod -unset keep_hierarchy *',
    `prep -flatten -top ${module}; memory_map; opt -full; async2sync`,
    // all is one module of Yosys' own cells
    `select -assert-none ${module}/c:* ${module}/t:$* %d`,
    'design -push-copy; dffunmap; write_smt2 -wires design.smt2; design -pop',
    ...(solver === 'abc' ? [aigScript(folder)] : []),
  ].join('; ');
  const made = run('yosys', ['-q', '-p', script], folder);
  return made.done ? '' : made.text;
}

/** A copy of the module's file with other values of its parameters: `-chparam` of Yosys would lose their sign. */
function withParameters(file: string, parameters: Proof['parameters'], folder: string): string {
  let text = readFileSync(file, 'utf8');
  for (const [name, value] of Object.entries(parameters)) {
    const place = new RegExp(`(^  parameter (?:[^=\\n]* )?${name} = ).*?(,?)$`, 'mu');
    if (!place.test(text)) throw new Error(`${basename(file)} has no parameter ${name}`);
    text = text.replace(place, `$1${value}$2`);
  }
  const copy = join(folder, `with-parameters-${basename(file)}`);
  writeFileSync(copy, text);
  return copy;
}

interface Bounded {
  readonly verdict: 'holds' | 'fails' | 'unknown';
  readonly text: string;
}

function checkBounded({ solver, steps }: Proof, folder: string): Bounded {
  if (solver === 'abc') {
    const { done, text } = run('yosys-abc', abcArguments('assertions', steps), folder);
    if (done && unbroken(text, steps)) return { verdict: 'holds', text };
    return { verdict: reachedOf(text) > 0 ? 'fails' : 'unknown', text };
  }
  const { done, text } = solve(['-t', String(steps)], folder);
  if (done) return { verdict: 'holds', text };
  return { verdict: text.includes('Assert failed in') ? 'fails' : 'unknown', text };
}

function checkCovers({ solver, coverSteps = 20 }: Proof, folder: string): string {
  if (solver === 'abc') {
    const { text } = run('yosys-abc', abcArguments('covers', coverSteps), folder);
    const count = countOf(folder, 'covers');
    return count > 0 && reachedOf(text) === count ? '' : `covers, ${count} of them: ${text}`;
  }
  const { done, text } = solve(['-c', '-t', String(coverSteps)], folder);
  return done ? '' : `covers: ${text}`;
}

function solve(check: readonly string[], folder: string): ReturnType<typeof run> {
  const options = ['--noprogress', '--unroll', '-s', 'z3', ...check, 'design.smt2'];
  const { done, text } = run('yosys-smtbmc', options, folder);
  return { done: done && text.includes('Status: PASSED'), text };
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
