import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';
import type { TestModule, Vitest } from 'vitest/node';
import { instrument } from './instrument.ts';
import type { NumberedMutant } from './instrument.ts';
import type { ReachedFile, TestState } from './test-state.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Of random networks so many a test file: a change is tried on hundreds of tests. */
const fewer = { NZFLOW_NETWORKS: '12' };
/** Builds of simulators take longer than all other tests; and one test looks at what others have seen. */
const cheap = /^(?!.*(?:in Verilator|of every variant, kind of layer))/;

/** Tests of a file, by their names; null: all that are cheap. */
export interface TestSelection {
  readonly file: string;
  readonly names: readonly string[] | null;
}

export interface TestOutcome {
  /** The first test that failed, or what else went wrong; null: all passed. */
  readonly failure: { readonly file: string; readonly name: string; readonly why: string } | null;
  /** Tests that ran. */
  readonly tests: number;
}

/** Vitest, ready to run tests of sources that have all mutants in them. */
export interface TestRunner {
  readonly run: (
    selections: readonly TestSelection[],
    active: { readonly id: number; readonly limit: number } | null,
  ) => Promise<TestOutcome>;
  /** Runs a whole test file with no mutant on and tells what it reaches. */
  readonly reach: (
    file: string,
  ) => Promise<{ readonly outcome: TestOutcome; readonly reached: ReachedFile | null }>;
  readonly close: () => Promise<void>;
}

/** `mutants`: by absolute path of the source. */
export async function startTests(
  mutants: ReadonlyMap<string, readonly NumberedMutant[]>,
): Promise<TestRunner> {
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-core-mutants-'));
  const stateFile = join(folder, 'state.json');
  const record = join(folder, 'reached.jsonl');
  const total = [...mutants.values()].reduce((sum, own) => sum + own.length, 0);
  const write = (state: Omit<TestState, 'mutants'>): void => {
    writeFileSync(stateFile, JSON.stringify({ mutants: total, ...state }));
  };
  const vitest = await createVitest(
    'test',
    {
      ...{ root, config: false, watch: false, run: false, reporters: [{}], silent: true },
      ...{ include: ['test/**/*.test.ts'], testTimeout: 600_000, hookTimeout: 600_000 },
      ...{ setupFiles: [fileURLToPath(new URL('setup.ts', import.meta.url))] },
      ...{
        env: { NZFLOW_MUTANT_STATE: stateFile, ...fewer },
        maxWorkers: 1,
        bail: 1,
        isolate: false,
      },
    },
    { plugins: [mutantsPlugin(mutants)], logLevel: 'silent' },
  );
  await vitest.standalone();
  return {
    run: async (selections, active) => {
      write({ active: active?.id ?? null, limit: active?.limit ?? 0, record: null });
      return runTests(vitest, selections);
    },
    reach: async (file) => {
      rmSync(record, { force: true });
      write({ active: null, limit: 0, record });
      const outcome = await runTests(vitest, [{ file, names: null }]);
      const reached =
        outcome.failure === null ? (JSON.parse(readFileSync(record, 'utf8')) as ReachedFile) : null;
      return { outcome, reached };
    },
    close: async () => {
      await vitest.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function mutantsPlugin(mutants: ReadonlyMap<string, readonly NumberedMutant[]>): {
  readonly name: string;
  readonly enforce: 'pre';
  readonly transform: (code: string, id: string) => string | null;
} {
  return {
    name: 'nzflow-mutants',
    enforce: 'pre',
    transform: (code, id) => {
      const own = mutants.get(id.replace(/\?.*/, ''));
      return own === undefined ? null : instrument(code, own);
    },
  };
}

async function runTests(
  vitest: Vitest,
  selections: readonly TestSelection[],
): Promise<TestOutcome> {
  const project = vitest.getRootProject();
  const specifications = selections.map(({ file, names }) =>
    project.createSpecification(join(root, file), {
      testNamePattern: names === null ? cheap : patternOf(names),
    }),
  );
  const result = await vitest.runTestSpecifications(specifications);
  const { unhandledErrors } = result;
  // vitest also knows what ran before
  const testModules = result.testModules.filter(({ moduleId }) =>
    specifications.some((specification) => specification.moduleId === moduleId),
  );
  const failure = testModules.map(failureOf).find((one) => one !== null) ?? null;
  const tests = testModules.reduce((sum, module) => {
    const states = [...module.children.allTests()].map((test) => test.result().state);
    return sum + states.filter((state) => state === 'passed' || state === 'failed').length;
  }, 0);
  if (failure !== null || unhandledErrors.length === 0) return { failure, tests };
  const why = String(unhandledErrors[0]).slice(0, 300);
  return { failure: { file: selections[0]?.file ?? '', name: '', why }, tests };
}

function failureOf(module: TestModule): TestOutcome['failure'] {
  const file = module.moduleId.slice(root.length);
  for (const test of module.children.allTests('failed')) {
    const why = test.result().errors?.[0]?.message ?? '';
    return { file, name: test.fullName, why: why.slice(0, 300) };
  }
  if (module.ok()) return null;
  return { file, name: '', why: module.errors()[0]?.message.slice(0, 300) ?? 'no test ran' };
}

function patternOf(names: readonly string[]): RegExp {
  // as vitest joins suites and test where it looks for a pattern
  const exact = names.map((name) =>
    name.replaceAll(' > ', ' ').replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'),
  );
  return new RegExp(`^(?:${exact.join('|')})$`);
}
