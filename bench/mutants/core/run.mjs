// npm run verify:mutants-core [-- <count> [<seed> [continue | again]]]
// npm run verify:mutants-core -- <part of a path>
// Changes the sources of packing, planning and evaluating, one operator, condition, number, flag or call at a time (300 of
// all changes, drawn by the seed, unless told otherwise; or all of the files whose path has the part in it), and looks
// whether a test notices. All changes are in one text that is compiled once, each with a switch; a run of all tests with
// none of them on tells which tests reach which changes, and those alone run for a change, cheap ones first. Tells what
// share is noticed, and which changes are not: `continue` goes on with a run that was ended, `again` also tries the
// changes that were not noticed once more, for tests that have come since. What is done is kept in build/mutants/.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';
import { openJournal } from '../../random-networks/journal.mjs';
import { drawn } from '../draw.mjs';
import { nameOf } from './name-of.mjs';
import { testsFor } from './choose-tests.mjs';
import { tell } from './tell.mjs';
import { inWorkers } from './workers.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
/** Where the tests are that reach these stages. Those of whole builds would take longer than all others. */
const testFolders = [
  'test/pack',
  'test/plan',
  'test/evaluate',
  'test/estimate',
  'test/hdl/network/random-networks.test.ts',
];
/** Of larger networks than the random ones, and so seconds each. */
const dear = ['cycle-model', 'queues', 'wired'].map((name) => `test/plan/cycles/${name}.test.ts`);
const { module } = await runnerImport(here('part.ts'));
const { argumentKey, readArguments } = (await runnerImport(here('../arguments.ts'))).module;
const argued = new Set(readArguments().map(argumentKey));
const [first = '300', second = '1', third = ''] = process.argv.slice(2);
if (first === 'serve') await module.serve();
else await verifyCore();

async function verifyCore() {
  const part = /^\d+$/.test(first) ? null : first;
  const all = module.sourceMutants(part);
  const random = module.seededRandom(Number(second));
  const mutants = part === null ? drawn(all, random, Number(first)) : all;
  const draw = part === null ? `${second}-${first}` : part.replaceAll('/', '-');
  const goesOn = third === 'continue' || third === 'again';
  const store = (name) =>
    fileURLToPath(new URL(`../../../build/mutants/core-${draw}${name}.jsonl`, import.meta.url));
  console.log(`${mutants.length} of ${all.length} changes`);

  const files = await reachOf(mutants, openJournal(store('-tests'), true));
  const verdicts = await verdictsOn(mutants, files, openJournal(store(''), goesOn));
  const isArgued = ({ file, inside, shown }) =>
    argued.has(argumentKey({ file, inside, change: shown }));
  const verdictOf = (mutant) => verdicts.get(nameOf(mutant));
  process.exitCode = tell(mutants, verdictOf, isArgued) ? 0 : 1;
}

/** What each test file reaches, by its path. */
async function reachOf(mutants, journal) {
  const shaOf = (file) =>
    createHash('sha256')
      .update(readFileSync(here(`../../../${file}`)))
      .digest('hex');
  const files = testFolders
    .flatMap((place) => (place.endsWith('.ts') ? [place] : module.filesUnder(place, '.test.ts')))
    .filter((file) => !dear.includes(file));
  const wanted = new Map(files.map((file) => [file, shaOf(file)]));
  const found = new Map();
  for (const { file, sha, reach } of journal.done) {
    if (wanted.get(file) === sha) found.set(file, reach);
  }
  const tasks = files.filter((file) => !found.has(file)).map((file) => ({ kind: 'reach', file }));
  const begin = { kind: 'start', mutants };
  const nextTask = () => tasks.shift();
  await inWorkers(
    here('run.mjs'),
    begin,
    nextTask,
    () => 3600,
    ({ file }, reach) => {
      const { outcome, reached, seconds } = reach ?? {};
      if (reached === null || reached === undefined) {
        console.log(
          `left out, fails without a change: ${file} ${outcome?.failure?.name ?? ''} ${outcome?.failure?.why ?? ''}`,
        );
        return;
      }
      console.log(`${file}: ${outcome.tests} tests, ${seconds.toFixed(1)} s`);
      found.set(file, reached);
      journal.add({ file, sha: wanted.get(file), reach: reached });
    },
  );
  return found;
}

async function verdictsOn(mutants, files, journal) {
  const verdicts = new Map(journal.done.map(({ mutant, verdict }) => [mutant, verdict]));
  const history = new Map();
  const unsound = new Set();
  const isDone = (mutant) => {
    const known = verdicts.get(nameOf(mutant));
    return known !== undefined && (third !== 'again' || known.kind === 'killed');
  };
  const left = mutants
    .map((mutant, id) => ({ mutant, id }))
    .filter(({ mutant }) => !isDone(mutant));
  const total = left.length;
  const save = (mutant, verdict) => {
    verdicts.set(nameOf(mutant), verdict);
    journal.add({ mutant: nameOf(mutant), verdict });
  };
  const nextTask = () => {
    for (;;) {
      const next = left.shift();
      if (next === undefined) return undefined;
      const { rounds, ...facts } = testsFor(next.id, files, history, unsound);
      if (rounds.length > 0) return { kind: 'mutant', ...next, ...facts, rounds };
      save(next.mutant, { kind: 'survived', why: 'no test reaches it', tests: 0, leftOut: 0 });
    }
  };
  const begun = Date.now();
  const limitOf = ({ seconds }) => 180 + 8 * seconds;
  await inWorkers(here('run.mjs'), { kind: 'start', mutants }, nextTask, limitOf, (task, said) => {
    const verdict = said ?? { kind: 'killed', why: 'it takes too long', rounds: 0, tests: 0 };
    if (verdict.kind === 'unsound') {
      unsound.add(`${verdict.file} ${verdict.name}`);
      console.log(`not alone: ${verdict.file} ${verdict.name}`);
      left.unshift({ mutant: task.mutant, id: task.id });
      return;
    }
    for (const { file } of task.rounds.slice(0, verdict.rounds).flat()) {
      const { tried = 0, noticed = 0 } = history.get(file) ?? {};
      const isIt = verdict.kind === 'killed' && verdict.file === file;
      history.set(file, { tried: tried + 1, noticed: noticed + (isIt ? 1 : 0) });
    }
    save(task.mutant, { ...verdict, leftOut: verdict.kind === 'killed' ? 0 : task.leftOut });
    const seconds = ((Date.now() - begun) / 1000).toFixed(0);
    const { file, line, shown } = task.mutant;
    console.log(
      `${total - left.length} of ${total}, ${seconds} s: ${verdict.kind} ${file}:${line} ${shown}`,
    );
  });
  return verdicts;
}
