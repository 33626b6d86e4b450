import { appendFileSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';
import type { ReachedTest, TestState } from './test-state.ts';

// Runs in front of every test file, before it is imported: gives the instrumented sources their switch,
// and writes down which mutants each test reaches where that is asked for.

const file = process.env['NZFLOW_MUTANT_STATE'];
if (file === undefined) throw new Error('NZFLOW_MUTANT_STATE is the file of the state');
const state = JSON.parse(readFileSync(file, 'utf8')) as TestState;
const counts = new Float64Array(state.mutants);

function isOn(id: number): boolean {
  const count = (counts[id] ?? 0) + 1;
  counts[id] = count;
  if (id !== state.active) return false;
  if (count > state.limit) throw new Error('a mutant that never comes to an end');
  return true;
}
(globalThis as Record<string, unknown>)['__nzflowMutant'] = isOn;

function taken(): readonly (readonly [id: number, count: number])[] {
  const reached = [...counts.entries()].filter(([, count]) => count > 0);
  counts.fill(0);
  return reached;
}

if (state.record !== null) {
  const { record } = state;
  const tests: ReachedTest[] = [];
  // imports, and what is made ready for several tests
  const common: (readonly [number, number])[] = [];
  let start = 0;
  beforeEach(() => {
    common.push(...taken());
    start = performance.now();
  });
  afterEach(() => {
    const { currentTestName } = expect.getState();
    const milliseconds = performance.now() - start;
    tests.push({ name: currentTestName ?? '', milliseconds, reached: taken() });
  });
  afterAll(() => {
    common.push(...taken());
    appendFileSync(record, `${JSON.stringify({ tests, common })}\n`);
  });
}
