import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NumberedMutant } from './instrument.ts';
import { mutantsOfTypeScript } from './mutate-typescript.ts';
import type { CoreMutant } from './mutate-typescript.ts';
import { startTests } from './test-runner.ts';
import type { TestOutcome, TestRunner, TestSelection } from './test-runner.ts';
import type { ReachedFile } from './test-state.ts';

export { seededRandom } from '../../../src/pack/seeded-random.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const stages = ['pack', 'plan', 'evaluate'];

export interface SourceMutant extends CoreMutant {
  /** Path from the root of the project. */
  readonly file: string;
}

/** All changes of the sources of the three stages, or of the files whose path has `part` in it. */
export function sourceMutants(part: string | null): readonly SourceMutant[] {
  return stages
    .flatMap((stage) => filesUnder(join('src', stage), '.ts'))
    .filter((file) => part === null || file.includes(part))
    .flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return mutantsOfTypeScript(file, text).map((mutant) => ({ ...mutant, file }));
    });
}

/** Paths from the root of the project. */
export function filesUnder(folder: string, end: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(end))
    .map((name) => join(folder, name))
    .sort();
}

/** What a test file reaches; `reached` null: it fails when no mutant is on. */
export interface Reach {
  readonly outcome: TestOutcome;
  readonly reached: ReachedFile | null;
  readonly seconds: number;
}

/** `unsound`: a test that fails alone when nothing is changed, to be left out. */
export interface CoreVerdict {
  readonly kind: 'killed' | 'survived' | 'unsound';
  readonly file: string;
  readonly name: string;
  readonly why: string;
  /** Rounds that ran. */
  readonly rounds: number;
  readonly tests: number;
}

export type CoreTask =
  | { readonly kind: 'start'; readonly mutants: readonly SourceMutant[] }
  | { readonly kind: 'reach'; readonly file: string }
  | {
      readonly kind: 'mutant';
      readonly id: number;
      readonly limit: number;
      /** Runs, one after another, of tests of several files each. */
      readonly rounds: readonly (readonly TestSelection[])[];
    };

/** Answers tasks of the process that started this one; the first of them is the start. */
export async function serve(): Promise<void> {
  let tests: TestRunner | null = null;
  const sound = new Set<string>();
  const answer = async (task: CoreTask): Promise<unknown> => {
    if (task.kind === 'start') {
      tests = await startTests(byFile(task.mutants));
      return null;
    }
    if (tests === null) throw new Error('the first task is the start');
    if (task.kind === 'mutant') return verdictOf(tests, task, sound);
    const start = performance.now();
    const reach = await tests.reach(task.file);
    return { ...reach, seconds: (performance.now() - start) / 1000 };
  };
  let last: Promise<unknown> = Promise.resolve();
  process.on('message', (task: CoreTask) => {
    last = last.then(() => answer(task)).then((said) => process.send?.(said ?? {}));
  });
  await new Promise<void>((resolve) => process.on('disconnect', resolve));
  process.exit();
}

function byFile(mutants: readonly SourceMutant[]): ReadonlyMap<string, readonly NumberedMutant[]> {
  const own = new Map<string, NumberedMutant[]>();
  for (const [id, mutant] of mutants.entries()) {
    const path = join(root, mutant.file);
    own.set(path, [...(own.get(path) ?? []), { id, mutant }]);
  }
  return own;
}

async function verdictOf(
  tests: TestRunner,
  { id, limit, rounds }: Extract<CoreTask, { kind: 'mutant' }>,
  sound: Set<string>,
): Promise<CoreVerdict> {
  let ran = 0;
  for (const [index, round] of rounds.entries()) {
    const outcome = await tests.run(round, { id, limit });
    ran += outcome.tests;
    const { failure } = outcome;
    if (failure === null) continue;
    const known = `${failure.file} ${failure.name}`;
    const verdict = { ...failure, rounds: index + 1, tests: ran };
    if (failure.name !== '' && !sound.has(known)) {
      const alone = await tests.run([{ file: failure.file, names: [failure.name] }], null);
      if (alone.failure !== null) return { kind: 'unsound', ...verdict };
      sound.add(known);
    }
    return { kind: 'killed', ...verdict };
  }
  return { kind: 'survived', file: '', name: '', why: '', rounds: rounds.length, tests: ran };
}
