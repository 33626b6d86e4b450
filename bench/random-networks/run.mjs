// npm run verify:random-networks [-- <count> [<first seed> [continue]]]
// npm run verify:random-networks -- repeat <seed> [<what to take away>,...]
// Random networks with random plans, 300 unless told otherwise: float, integers, cycle model and RTL, without
// gaps and with random ones, in Icarus; every 250th in Verilator as well. A failure is made as small as it
// gets and told with the command that repeats it; the exit code is then 1. What is done is kept in
// build/random-networks/: with `continue`, a run that was ended goes on, if no source has changed.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';
import { inProcesses } from '../process-pool.mjs';
import { openJournal } from './journal.mjs';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const [first = '300', second = '1', third = ''] = process.argv.slice(2);

if (first === 'serve') {
  const { module } = await runnerImport(here('part.ts'));
  await module.serveSeeds();
} else if (first === 'repeat') {
  const { module } = await runnerImport(here('part.ts'));
  process.exitCode = await module.repeat(Number(second), third === '' ? [] : third.split(','));
} else {
  process.exitCode = await verifyAll(Number(first), Number(second), third === 'continue');
}

/** A process for every core, each of which gets a seed when it is done with one; sums up what they tell. */
async function verifyAll(count, seed, goesOn) {
  const begun = Date.now();
  const file = fileURLToPath(
    new URL(`../../build/random-networks/${seed}-${count}.jsonl`, import.meta.url),
  );
  const { done, add } = openJournal(file, goesOn);
  const total = { layers: 0, ends: 0, words: 0, verilator: 0, failures: 0 };
  const told = new Map();
  const sumUp = ({ kind, ...facts }) => {
    for (const name of Object.keys(total)) total[name] += facts[name];
    told.set(kind, (told.get(kind) ?? 0) + 1);
  };
  for (const facts of done) sumUp(facts);
  const seen = new Set(done.map((facts) => facts.seed));
  if (goesOn) console.log(`${seen.size} of ${count} were done before`);
  const seeds = Array.from({ length: count }, (_, at) => seed + at).filter((at) => !seen.has(at));
  let networks = seen.size;
  const seconds = () => ((Date.now() - begun) / 1000).toFixed(0);
  const codes = await inProcesses(here('run.mjs'), seeds, (_, facts) => {
    add(facts);
    sumUp(facts);
    networks += 1;
    if (networks % 100 === 0) {
      console.log(`${networks} of ${count}, ${total.failures} failures, ${seconds()} s`);
    }
  });
  for (const [kind, number] of [...told].sort())
    console.log(`${String(number).padStart(6)} ${kind}`);
  console.log(
    `${networks} random networks with ${total.layers} layers, seeds ${seed} to ${seed + count - 1}, in ${seconds()} s: ` +
      `${total.words} words and ${total.ends} ends of inferences compared, ${total.verilator} in Verilator too, ${total.failures} failures`,
  );
  const whole = networks === count && codes.every((code) => code === 0);
  if (!whole) console.log(`only ${networks} of ${count} networks were drawn and compared`);
  return whole && total.failures === 0 ? 0 : 1;
}
