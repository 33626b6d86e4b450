import { constantFolds } from '../../src/passes/operators/constant-folds.ts';
import { operatorRules } from '../../src/passes/operators/table.ts';
import { foldTest } from './fold-test.ts';
import type { Outcome } from './outcome.ts';
import { runTest } from './run-test.ts';
import { listTests, readOperators } from './test-case.ts';

/** Results of the tests of one operator. */
export interface OperatorResults {
  /** `several` for models of more than one; `of constants` where all inputs are. */
  readonly operator: string;
  readonly tests: readonly { readonly name: string; readonly outcome: Outcome }[];
}

export interface Conformance {
  /** By operator, in alphabetical order. */
  readonly operators: readonly OperatorResults[];
  /** Tests of operators that are not supported, and therefore not run. */
  readonly otherTests: number;
}

/**
 * Runs every test in the folders whose operators are all translated, with the first input as
 * the data of a network, and those whose operators are all folded, with constants only.
 */
export function runConformance(folders: readonly string[]): Conformance {
  const results = new Map<string, { readonly name: string; readonly outcome: Outcome }[]>();
  const add = (operator: string, name: string, outcome: Outcome): void => {
    const tests = results.get(operator) ?? [];
    results.set(operator, tests);
    tests.push({ name, outcome });
  };
  let otherTests = 0;
  for (const folder of folders) {
    for (const name of listTests(folder)) {
      const operators = readOperators(folder, name);
      const label = operators.length === 1 ? operators.join() : 'several';
      const isTranslated = operators.every((operator) => operatorRules.has(operator));
      const isFolded = operators.every((operator) => constantFolds.has(operator));
      if (isTranslated) add(label, name, runTest(folder, name));
      if (isFolded) add(`${label} of constants`, name, foldTest(folder, name));
      if (!isTranslated && !isFolded) otherTests += 1;
    }
  }
  const operators = Array.from(results, ([operator, tests]) => ({ operator, tests })).sort(
    (one, other) => (one.operator < other.operator ? -1 : 1),
  );
  return { operators, otherTests };
}

const kinds = ['passed', 'refused', 'failed'] as const;

/** How many tests ended in a way. */
export function countOutcomes(results: Conformance, kind: Outcome['kind']): number {
  return results.operators.reduce((total, operator) => total + countOf(operator, kind), 0);
}

function countOf({ tests }: OperatorResults, kind: Outcome['kind']): number {
  return tests.filter(({ outcome }) => outcome.kind === kind).length;
}

/** The results as lines: a table by operator, then why tests were refused, then the failures. */
export function describeConformance(results: Conformance, showTests: boolean): readonly string[] {
  const row = (operator: string, counts: readonly (number | string)[]): string =>
    operator.padEnd(32) + counts.map((count) => String(count).padStart(9)).join('');
  const lines = [row('operator', kinds)];
  for (const operator of results.operators) {
    lines.push(
      row(
        operator.operator,
        kinds.map((kind) => countOf(operator, kind)),
      ),
    );
    if (showTests) lines.push(...operator.tests.map(describeTest));
  }
  lines.push(
    row(
      'all',
      kinds.map((kind) => countOutcomes(results, kind)),
    ),
    `${results.otherTests} tests of other operators were not run`,
    '',
    'why tests were refused:',
    ...refusalReasons(results).map(([reason, count]) => `${String(count).padStart(5)}  ${reason}`),
  );
  const failures = results.operators.flatMap(({ tests }) =>
    tests.filter(({ outcome }) => outcome.kind === 'failed').map(describeTest),
  );
  if (failures.length > 0) lines.push('', 'failed:', ...failures);
  return lines;
}

function describeTest({ name, outcome }: OperatorResults['tests'][number]): string {
  return outcome.kind === 'passed'
    ? `  ${name}: passed`
    : `  ${name}: ${outcome.kind}: ${outcome.reason}`;
}

/** The most frequent first. */
function refusalReasons({ operators }: Conformance): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { outcome } of operators.flatMap(({ tests }) => tests)) {
    if (outcome.kind !== 'refused') continue;
    counts.set(outcome.reason, (counts.get(outcome.reason) ?? 0) + 1);
  }
  return [...counts].sort((one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1));
}
