// npm run docs:mutants [-- <templates> <images> <core>]
// Writes docs/mutants.md from what the runs of mutants have left in build/mutants/ (names of their files without end, the
// usual draws unless told otherwise). Fails where a change that was not noticed has no argument.
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { runnerImport } from 'vite';
import { nameOf } from './core/name-of.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const load = async (name) => (await runnerImport(here(name))).module;
const { templateMutants } = await load('part.ts');
const { sourceMutants } = await load('core/part.ts');
const { argumentKey, readArguments } = await load('arguments.ts');
const { mutantsPage } = await load('mutants-page.ts');

const [templates = '1-300', images = '1-80', core = 'core-1-200'] = process.argv.slice(2);

/** Lines of a journal, behind what they depend on. */
const linesOf = (name) =>
  readFileSync(here(`../../build/mutants/${name}.jsonl`), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line));

const template = (mutant) => ({ file: mutant.file, inside: '', change: mutant.shown });
const source = ({ file, inside, shown }) => ({ file, inside, change: shown });
const allTemplates = templateMutants(null);
const allSources = sourceMutants(null);
const all = new Set([...allTemplates.map(template), ...allSources.map(source)].map(argumentKey));
const isKilled = (kind) => (kind === 'killed' ? 'killed' : 'survived');

function templateSection() {
  const known = new Map(
    allTemplates.map((mutant) => {
      const { file, line, at, before, after } = mutant;
      return [JSON.stringify([file, line, at, before, after]), mutant];
    }),
  );
  // of a change that was tried again the last word counts
  const last = new Map(linesOf(templates).map(({ mutant, verdict }) => [mutant, verdict]));
  const judged = [...last].map(([name, verdict]) => {
    const mutant = known.get(name);
    if (mutant === undefined) throw new Error(`another template: ${name}`);
    const isApart = verdict.kind === 'invalid' || verdict.kind === 'apart';
    return {
      group: mutant.file,
      ...template(mutant),
      kind: isApart ? 'apart' : isKilled(verdict.kind),
    };
  });
  const networks = linesOf('networks').length;
  const killed = [...last.values()].filter(({ kind }) => kind === 'killed');
  const byNetworks = killed.filter(({ how }) => how.startsWith('seed')).length;
  const byTests = killed.length - byNetworks;
  return {
    title: 'Templates',
    text: `${judged.length} of ${allTemplates.length} changes of one operator, term, constant, condition or assignment, or width of a register, of \`hdl-templates/*.v\`, drawn by a seed. A change is noticed when one of up to twelve random networks, chosen from ${networks}, that have its module and generate block differs from the reference in a word or a cycle, without gaps or with them (${byNetworks} changes), or when a test of the template alone fails (${byTests}). Apart: what is no circuit (Icarus refuses it), and modules that no random network has (interfaces, loaders, those of small devices), which have tests and proofs of their own.`,
    mutants: judged,
    reasons: new Map(),
  };
}

function imageSection() {
  const answers = linesOf(`images-${images}`);
  const judged = answers.flatMap(({ answer }) =>
    answer.verdicts.map((verdict, at) => ({
      group: `${verdict.purpose}: ${verdict.change}`,
      file: verdict.file,
      inside: `network ${verdict.network}, change ${at + 1}`,
      change: verdict.change,
      kind: verdict.kind === 'never read' ? 'apart' : isKilled(verdict.kind),
      why: verdict.kind === 'same' ? verdict.how : null,
    })),
  );
  const worked = judged.filter(({ why }) => why !== null);
  return {
    title: 'Memory images',
    text: `${judged.length} changes of the memory images of ${answers.length} designs (${answers.map(({ network, answer }) => `${network}: ${answer.kind}`).join('; ')}), checked as \`nzflow simulate --no-hash-check\` does: every sum before bias and pooling, every value between layers, every answer, and the cycle in which each inference ends. (With the hash check on, all of them are refused before anything runs.) Apart: words that no activation other than 0 meets in any of the samples, and numbers and places of channels that are 0 in all of them, worked out from the values that the reference gives and not from what the simulation says. Where bias or scale of a channel was changed and nothing noticed, the reference was evaluated with what the image says: where it gives the same sums, values and answers for all samples, no comparison of values can tell.`,
    mutants: judged,
    reasons: new Map(worked.map((one) => [argumentKey(one), one.why])),
  };
}

function coreSection() {
  const known = new Map(allSources.map((mutant) => [nameOf(mutant), mutant]));
  // of a change that was tried again the last word counts
  const verdicts = new Map(linesOf(core).map(({ mutant, verdict }) => [mutant, verdict]));
  const judged = [...verdicts].map(([name, verdict]) => {
    const mutant = known.get(name);
    if (mutant === undefined) throw new Error(`another source: ${name}`);
    const group = mutant.file.split('/').slice(0, -1).join('/');
    return { group: `\`${group}\``, ...source(mutant), kind: isKilled(verdict.kind) };
  });
  return {
    title: 'Packing, planning and evaluating',
    text: `${judged.length} of ${allSources.length} changes of one operator, condition, number, flag, statement or call of \`src/pack\`, \`src/plan\` and \`src/evaluate\`, drawn by a seed. A change is noticed when a test fails, or a loop does not end. Only tests that reach the change run, cheap ones first: those of the three stages and of estimates, and twelve random networks in Icarus, which is less than \`npm test\` does. Not changed: types, messages, \`invariant\` (which says what never happens), and the number behind \`values[index] ??\` that only types ask for.`,
    mutants: judged,
    reasons: new Map(),
  };
}

const file = here('../../docs/mutants.md');
const page = mutantsPage([templateSection(), imageSection(), coreSection()], readArguments(), all);
const options = { ...(await resolveConfig(file)), parser: 'markdown' };
writeFileSync(file, await format(page, options));
