import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readBoard } from '../../src/read/board.ts';
import { writeDesign } from '../../test/support/icarus.ts';
import { boardOfRandomNetworks } from '../../test/support/random-network/board.ts';
import { checkNetwork } from '../../test/support/random-network/check-network.ts';
import { drawNetwork } from '../../test/support/random-network/draw-network.ts';
import type { DrawnNetwork } from '../../test/support/random-network/draw-network.ts';
import { mutantsOf, mutated } from './mutate-verilog.ts';
import type { Mutant } from './mutate-verilog.ts';

export { seededRandom } from '../../src/pack/seeded-random.ts';

const templates = fileURLToPath(new URL('../../hdl-templates/', import.meta.url));

/** A change to a template. */
export interface TemplateMutant extends Mutant {
  readonly file: string;
  /** The line, before it was changed. */
  readonly text: string;
  /** The line with what differs as `⟦before→after⟧`; the second such one of a file is `#2`. */
  readonly shown: string;
}

/** What is in a design: modules, and generate blocks as `module.block`. What its check costs. */
export interface Reach {
  readonly seed: number;
  readonly parts: readonly string[];
  readonly seconds: number;
  /** The check finds nothing when nothing is changed. */
  readonly passes: boolean;
}

/** `invalid`: there is no such circuit. */
export interface Verdict {
  readonly kind: 'killed' | 'survived' | 'invalid';
  /** Networks that were tried. */
  readonly tried: number;
  readonly how: string;
}

/** All changes of one template, or of all. */
export function templateMutants(only: string | null): readonly TemplateMutant[] {
  const files = readdirSync(templates).filter((name) => name.endsWith('.v'));
  return files
    .filter((file) => only === null || file === only)
    .flatMap((file) => {
      const text = readFileSync(join(templates, file), 'utf8');
      const lines = text.split('\n');
      const times = new Map<string, number>();
      return mutantsOf(text).map((mutant) => {
        const line = lines[mutant.line - 1] ?? '';
        const change = shownChange(
          line,
          mutant.at - text.lastIndexOf('\n', mutant.at - 1) - 1,
          mutant,
        );
        const time = (times.get(change) ?? 0) + 1;
        times.set(change, time);
        const shown = time === 1 ? change : `${change} #${time}`;
        return { ...mutant, file, text: line.trim(), shown };
      });
    });
}

/** The text of a template with a change. */
export function mutatedTemplate(mutant: TemplateMutant): string {
  return mutated(readFileSync(join(templates, mutant.file), 'utf8'), mutant);
}

function shownChange(line: string, column: number, { before, after }: Mutant): string {
  const behind = line.slice(column + before.length);
  return `${line.slice(0, column)}⟦${before}→${after}⟧${behind}`.trim();
}

type Task =
  | { readonly kind: 'reach'; readonly seed: number }
  | { readonly kind: 'mutant'; readonly mutant: TemplateMutant; readonly seeds: readonly number[] };

/** Answers tasks of the process that started this one. */
export async function serve(): Promise<void> {
  const board = await readBoard(boardOfRandomNetworks);
  const drawn = new Map<number, DrawnNetwork>();
  const draw = (seed: number): DrawnNetwork => {
    const known = drawn.get(seed) ?? drawNetwork(seed, board);
    drawn.set(seed, known);
    return known;
  };
  process.on('message', (task: Task) => {
    process.send?.(
      task.kind === 'reach' ? reachOf(task.seed, draw) : verdictOf(task.mutant, task.seeds, draw),
    );
  });
}

function reachOf(seed: number, draw: (seed: number) => DrawnNetwork): Reach {
  const drawn = draw(seed);
  const parts = partsOf(drawn);
  const start = performance.now();
  const passes = checkNetwork(seed, drawn) === null;
  return { seed, parts, seconds: (performance.now() - start) / 1000, passes };
}

/** By what Icarus has elaborated. */
function partsOf({ network }: DrawnNetwork): readonly string[] {
  const folder = writeDesign(network);
  try {
    const sources = readdirSync(folder).filter((name) => name.endsWith('.v'));
    const options = ['-g2005', '-o', 'tb/sim', '-s', 'nzflow_top'];
    execFileSync('iverilog', [...options, ...sources], { cwd: folder, stdio: 'pipe' });
    const scopes = new Map<string, { readonly module: string; readonly block: string | null }>();
    const parts = new Set<string>();
    const program = readFileSync(join(folder, 'tb', 'sim'), 'utf8');
    const scope = /^(S_\w+) \.scope (module|generate), "([^"]*)" "([^"]*)"[^;]*?(?:, (S_\w+))?;$/gm;
    for (const [, id = '', kind, name = '', type = '', parent = ''] of program.matchAll(scope)) {
      const around = scopes.get(parent);
      const here =
        kind === 'module'
          ? { module: type, block: null }
          : { module: around?.module ?? '', block: name.replace(/\[.*/, '') };
      scopes.set(id, here);
      parts.add(here.block === null ? here.module : `${here.module}.${here.block}`);
    }
    return [...parts];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** No run takes so long, unless the change has made a loop of signals that never settles. */
const longestMilliseconds = 60_000;

function verdictOf(
  mutant: TemplateMutant,
  seeds: readonly number[],
  draw: (seed: number) => DrawnNetwork,
): Verdict {
  const text = readFileSync(join(templates, mutant.file), 'utf8');
  const options = {
    replaced: new Map([[mutant.file, mutated(text, mutant)]]),
    timeoutMilliseconds: longestMilliseconds,
  };
  for (const [index, seed] of seeds.entries()) {
    const failure = checkNetwork(seed, draw(seed), [], options);
    if (failure === null) continue;
    const tried = index + 1;
    if (failure.kind === 'run' && failure.message.startsWith('Command failed: iverilog'))
      return { kind: 'invalid', tried, how: failure.message };
    return { kind: 'killed', tried, how: `seed ${String(seed)}: ${failure.kind}` };
  }
  return { kind: 'survived', tried: seeds.length, how: '' };
}
