// npm run verify:mutants [-- <count> [<seed> [continue]]]
// npm run verify:mutants -- <template>.v
// Changes the templates, one operator, term, constant, condition or assignment at a time (300 of all changes, drawn by the
// seed, unless told otherwise; or all of a template), and looks whether the comparison of random networks with the
// reference notices: words and cycles, without gaps and with them, in Icarus, in up to twelve networks that have the
// module and the generate block; and then whether the tests of the template alone do. Tells what share is noticed, and
// which changes are not. Modules that no random network has (interfaces, loaders, those of small devices) are told apart.
// What is done is kept in build/mutants/.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';
import { copyOfProject, noticedAlone } from './alone.mjs';
import { drawn, shareText } from './draw.mjs';
import { inProcesses } from '../process-pool.mjs';
import { openJournal } from '../random-networks/journal.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
/** Networks to choose from, and those that a change has to pass. */
const networks = 120;
const most = 12;
/** Of those that have a part so many are looked at for the cheapest. */
const choice = 24;

const { module } = await runnerImport(here('part.ts'));
const { argumentKey, readArguments } = (await runnerImport(here('arguments.ts'))).module;
const argued = new Set(readArguments().map(argumentKey));
const [first = '300', second = '1', third = ''] = process.argv.slice(2);
if (first === 'serve') await module.serve();
else await verifyMutants();

async function verifyMutants() {
  const file = first.endsWith('.v') ? first : null;
  const all = module.templateMutants(file);
  const random = module.seededRandom(Number(second));
  const mutants = file === null ? drawn(all, random, Number(first)) : all;
  const store = (name) =>
    fileURLToPath(new URL(`../../build/mutants/${name}.jsonl`, import.meta.url));
  const goesOn = third === 'continue';

  const reach = openJournal(store('networks'), true);
  const known = new Map(reach.done.map((one) => [one.seed, one]));
  const missing = Array.from({ length: networks }, (_, at) => at + 1).filter(
    (at) => !known.has(at),
  );
  await inParallel(
    missing.map((seed) => ({ kind: 'reach', seed })),
    (_, found) => {
      known.set(found.seed, found);
      reach.add(found);
    },
    'networks',
  );
  const broken = [...known.values()].filter(({ passes }) => !passes);
  if (broken.length > 0) {
    console.log(`networks that differ when nothing is changed: ${broken.map(({ seed }) => seed)}`);
    process.exitCode = 1;
    return;
  }

  const name = ({ file, line, at, before, after }) =>
    JSON.stringify([file, line, at, before, after]);
  const journal = openJournal(store(file ?? `${second}-${first}`), goesOn);
  const verdicts = new Map(journal.done.map(({ mutant, verdict }) => [mutant, verdict]));
  const tasks = mutants
    .filter((mutant) => !verdicts.has(name(mutant)))
    .map((mutant) => ({
      kind: 'mutant',
      mutant,
      seeds: seedsFor(mutant, [...known.values()], random),
    }));
  await inParallel(
    tasks.filter(({ seeds }) => seeds.length > 0),
    ({ mutant }, verdict) => {
      verdicts.set(name(mutant), verdict);
      journal.add({ mutant: name(mutant), verdict });
    },
    'changes',
  );
  for (const { mutant } of tasks.filter(({ seeds }) => seeds.length === 0))
    journal.add({ mutant: name(mutant), verdict: { kind: 'apart', tried: 0, how: '' } });
  await tryAlone(
    mutants,
    (mutant) => verdicts.get(name(mutant)),
    (mutant, verdict) => {
      verdicts.set(name(mutant), verdict);
      journal.add({ mutant: name(mutant), verdict });
    },
  );
  tell(mutants, (mutant) => verdicts.get(name(mutant)) ?? null);
}

function isArgued({ file, shown }) {
  return argued.has(argumentKey({ file, inside: '', change: shown }));
}

/** What random networks do not notice is for the tests of the template alone. */
async function tryAlone(mutants, verdictOf, save) {
  const left = mutants.filter((mutant) => {
    const verdict = verdictOf(mutant);
    return verdict?.kind === 'survived' && verdict.how === '' && !isArgued(mutant);
  });
  if (left.length === 0) return;
  const copy = copyOfProject();
  try {
    for (const mutant of left) {
      const answer = await noticedAlone(copy, mutant, module.mutatedTemplate(mutant));
      const { tried } = verdictOf(mutant);
      const how = answer === null ? 'it has no tests alone' : answer.tests.join(' ');
      const kind = answer?.noticed === true ? 'killed' : 'survived';
      save(mutant, { kind, tried, how });
      console.log(`${kind} alone: ${mutant.file}:${mutant.line} ${mutant.shown} (${how})`);
    }
  } finally {
    copy.remove();
  }
}

/** The cheapest of some networks that have what was changed. */
function seedsFor({ module, block }, known, random) {
  const part = block === null ? module : `${module}.${block}`;
  const having = known.filter(({ parts }) => parts.includes(part));
  return drawn(having, random, choice)
    .sort((left, right) => left.seconds - right.seconds)
    .slice(0, most)
    .map(({ seed }) => seed);
}

function tell(mutants, verdictOf) {
  const of = (file) => mutants.filter((mutant) => mutant.file === file);
  const count = (some, kind) =>
    some.filter((one) => (verdictOf(one)?.kind ?? 'apart') === kind).length;
  const row = (title, some) => {
    const [killed, survived] = [count(some, 'killed'), count(some, 'survived')];
    const share = shareText(killed, killed + survived);
    const numbers = [
      some.length,
      count(some, 'invalid'),
      count(some, 'apart'),
      killed,
      survived,
      share,
    ];
    console.log(`${title.padEnd(26)}${numbers.map((one) => String(one).padStart(10)).join('')}`);
  };
  const titles = ['changes', 'invalid', 'apart', 'noticed', 'not', 'share'];
  console.log(`${''.padEnd(26)}${titles.map((one) => one.padStart(10)).join('')}`);
  for (const file of [...new Set(mutants.map((mutant) => mutant.file))].sort()) row(file, of(file));
  row('all', mutants);
  const survivors = mutants.filter((mutant) => verdictOf(mutant)?.kind === 'survived');
  if (survivors.length > 0) console.log('not noticed (+: without an argument in arguments.yaml):');
  for (const mutant of survivors) {
    const { file, line, shown } = mutant;
    if (!isArgued(mutant)) process.exitCode = 1;
    const mark = isArgued(mutant) ? ' ' : '+';
    console.log(`${mark} ${file}:${line} in ${verdictOf(mutant).tried}: ${shown}`);
  }
}

/** As `inProcesses`, with progress; throws when not all was done. */
async function inParallel(tasks, done, what) {
  const begun = Date.now();
  let finished = 0;
  await inProcesses(here('run.mjs'), tasks, (task, answer) => {
    done(task, answer);
    finished += 1;
    if (finished % 50 === 0) {
      const seconds = ((Date.now() - begun) / 1000).toFixed(0);
      console.log(`${finished} of ${tasks.length} ${what}, ${seconds} s`);
    }
  });
  if (finished !== tasks.length) throw new Error(`a process ended before its work was done`);
}
