import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);
/** What tests of templates read. */
const parts = ['src', 'test', 'sim', 'boards', 'hdl-templates', 'package.json', 'vitest.config.ts'];
const longest = 600_000;

/** A copy of the project in which a template can be changed. Call `remove` in the end. */
export function copyOfProject() {
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-mutants-'));
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return { folder, remove: () => rmSync(folder, { recursive: true }) };
}

/** Tests of networks for what has none alone. */
const ofNetworks = [
  { pattern: /^wired_/, test: 'test/hdl/network/wired.test.ts' },
  // resets in the middle of inferences
  { pattern: /rst_ni/, test: 'test/hdl/network/reset.test.ts' },
];

function testsNaming(module) {
  const word = new RegExp(`\\b${module}\\b`);
  return ['engine', 'tail', 'graph', 'axi']
    .flatMap((name) =>
      readdirSync(join(root, 'test/hdl', name)).map((leaf) => `test/hdl/${name}/${leaf}`),
    )
    .filter((test) => test.endsWith('.test.ts') && !test.includes('proofs'))
    .filter((test) => word.test(readFileSync(join(root, test), 'utf8')));
}

/** Modules that are made of one. */
function usersOf(module) {
  const instance = new RegExp(`^\\s*${module} #?\\(`, 'm');
  return readdirSync(join(root, 'hdl-templates'))
    .filter((leaf) => leaf.endsWith('.v'))
    .filter((leaf) => instance.test(readFileSync(join(root, 'hdl-templates', leaf), 'utf8')))
    .map((leaf) => leaf.slice(0, -'.v'.length));
}

/**
 * Whether the tests of a template alone notice other text for it: those of test/hdl that name its module
 * or one that is made of it, without lint and proofs; of networks those for wired layers and, where the
 * line that was changed has a reset, for resets. The tests that ran; null where there are none.
 */
export async function noticedAlone({ folder }, { file, text: line }, text) {
  const name = file.slice(0, -'.v'.length);
  const tests = testsNaming(name);
  // where it has a test of its own, others are of what is around it
  const own = tests.find((test) => test.endsWith(`/${name.replaceAll('_', '-')}.test.ts`));
  if (own !== undefined) tests.splice(0, tests.length, own);
  else
    tests.push(
      ...usersOf(name)
        .flatMap(testsNaming)
        .filter((test) => !tests.includes(test)),
    );
  for (const { pattern, test } of ofNetworks)
    if (pattern.test(file) || pattern.test(line)) tests.push(test);
  if (tests.length === 0) return null;
  const place = join(folder, 'hdl-templates', file);
  const before = readFileSync(place, 'utf8');
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--bail', '1', ...tests];
  const passes = async () => {
    try {
      await run(process.execPath, vitest, { cwd: folder, timeout: longest });
      return true;
    } catch {
      return false;
    }
  };
  writeFileSync(place, text);
  try {
    return { tests, noticed: !(await passes()) };
  } finally {
    writeFileSync(place, before);
  }
}
