// npm run verify:mutants-images [-- <changes a network> [<seed> [continue]]]
// Changes the memory images of designs, one at a time (80 a network unless told otherwise): a bit of a weight, a kid, an
// address, a bias, multiplier or shift, a row lost, twice or at another place; runs the simulator on them as `nzflow simulate
// --no-hash-check` does (every sum, value and answer, and the cycles), and looks whether it notices. A simulator is built
// once a network, and reads the images when it starts. Tells what share is noticed and what is not. Apart: what the samples
// never read, worked out from their values. What is done is kept in build/mutants/.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';
import { inProcesses } from '../../process-pool.mjs';
import { openJournal } from '../../random-networks/journal.mjs';
import { shareText } from '../draw.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
/**
 * Seeds of random networks that have all kinds of memories: of sparse lanes with pairs of weights, queues with pointers,
 * shared channels with turns, dense cores, values, answers, and orders of histograms; and whose samples differ in
 * all layers.
 */
const random = [5, 16, 3, 14, 7, 28, 22, 63, 53, 80];
const examples = ['tiny-cnn sparse-sparse 30000 pynq-z2'];
const networks = [...random.map(String), ...examples];

const { module } = await runnerImport(here('part.ts'));
const [first = '80', second = '1', third = ''] = process.argv.slice(2);
if (first === 'serve') {
  process.on('message', (task) => {
    module.checkImages(task).then((answer) => process.send(answer));
  });
} else await verifyImages();

async function verifyImages() {
  const mutants = Number(first);
  const seed = Number(second);
  const store = here(`../../../build/mutants/images-${seed}-${mutants}.jsonl`);
  const journal = openJournal(store, third === 'continue');
  const answers = new Map(journal.done.map(({ network, answer }) => [network, answer]));
  const tasks = networks
    .filter((network) => !answers.has(network))
    .map((network) => ({ network, mutants, seed }));
  await inProcesses(here('run.mjs'), tasks, ({ network }, answer) => {
    answers.set(network, answer);
    journal.add({ network, answer });
    console.log(
      `${network} (${answer.kind}): ${answer.unchanged ?? `${answer.verdicts.length} changes`}`,
    );
  });
  const missing = networks.filter((network) => !answers.has(network));
  const broken = networks.filter((network) => (answers.get(network)?.unchanged ?? null) !== null);
  if (missing.length + broken.length > 0) {
    console.log(`not done, dull, or different when nothing is changed: ${[...missing, ...broken]}`);
    process.exitCode = 1;
    return;
  }
  const verdicts = networks.flatMap((network) => answers.get(network).verdicts);
  tell(verdicts);
  const isOpen = verdicts.some(({ kind }) => kind === 'survived');
  process.exitCode = isOpen ? 1 : 0;
}

function tell(verdicts) {
  const kinds = ['never read', 'killed', 'same', 'survived'];
  const titles = ['changes', 'never read', 'noticed', 'same', 'not', 'share'];
  const line = (title, cells) =>
    console.log(`${title.padEnd(52)}${cells.map((cell) => String(cell).padStart(12)).join('')}`);
  const row = (title, some) => {
    const [never, killed, same, survived] = kinds.map(
      (kind) => some.filter((verdict) => verdict.kind === kind).length,
    );
    const judged = killed + same + survived;
    const share = shareText(killed, judged);
    line(title, [some.length, never, killed, same, survived, share]);
  };
  line('', titles);
  const groups = new Map();
  for (const verdict of verdicts) {
    const title = `${verdict.purpose}: ${verdict.change}`;
    groups.set(title, [...(groups.get(title) ?? []), verdict]);
  }
  for (const title of [...groups.keys()].sort()) row(title, groups.get(title));
  row('all', verdicts);
  for (const { kind, network, file, change, how } of verdicts) {
    if (kind === 'same' || kind === 'survived') {
      console.log(`  ${kind}: network ${network}, ${file}: ${change}; ${how}`);
    }
  }
}
