// Prints the one line CI looks for, "N passed, N failed", from vitest's JSON report, and the names
// of what failed before it. A test file that could not even be loaded counts as one failure.
// Exit 1 if anything failed or nothing ran.

import { readFileSync } from 'node:fs';

const [file = 'build/test-results.json'] = process.argv.slice(2);

function readResults() {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    console.log(`no test results: ${error.message}`);
    return { testResults: [] };
  }
}

let passed = 0;
const failures = [];
for (const suite of readResults().testResults) {
  const tests = suite.assertionResults;
  passed += tests.filter((test) => test.status === 'passed').length;
  for (const test of tests)
    if (test.status === 'failed') failures.push(`${suite.name}: ${test.fullName}`);
  if (suite.status === 'failed' && !tests.some((test) => test.status === 'failed')) {
    failures.push(`${suite.name}: ${suite.message}`);
  }
}

for (const failure of failures) console.log(`failed: ${failure}`);
console.log(`${passed} passed, ${failures.length} failed`);
if (failures.length > 0 || passed === 0) process.exitCode = 1;
