// npm run verify:random-networks [-- <count> [<first seed>]]
// npm run verify:random-networks -- repeat <seed> [<what to take away>,...]
// Random networks with random plans, 300 unless told otherwise: float, integers, cycle model and RTL, without
// gaps and with random ones, in Icarus; every 250th in Verilator as well. A failure is made as small as it
// gets and told with the command that repeats it; the exit code is then 1.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const [first = '300', second = '1', third = '', part = '0', parts = '1'] = process.argv.slice(2);

if (third === 'part') {
  const { module } = await runnerImport(here('part.ts'));
  await module.verifyPart({
    count: Number(first),
    seed: Number(second),
    part: Number(part),
    parts: Number(parts),
  });
} else if (first === 'repeat') {
  const { module } = await runnerImport(here('part.ts'));
  process.exitCode = await module.repeat(Number(second), third === '' ? [] : third.split(','));
} else {
  process.exitCode = await verifyAll(Number(first), Number(second));
}

/** A process for every core; sums up what they tell. */
async function verifyAll(count, seed) {
  const begun = Date.now();
  const processes = availableParallelism();
  const total = { networks: 0, layers: 0, cycles: 0, words: 0, verilator: 0, failures: 0 };
  const told = new Map();
  const seconds = () => ((Date.now() - begun) / 1000).toFixed(0);
  const ends = Array.from({ length: processes }, async (_, index) => {
    const parameters = [here('run.mjs'), first, second, 'part', String(index), String(processes)];
    const child = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = new Promise((resolve) => child.on('close', resolve));
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith('{')) {
        console.log(line);
        continue;
      }
      const { kind, ...facts } = JSON.parse(line);
      for (const name of Object.keys(total)) total[name] += facts[name] ?? 0;
      told.set(kind, (told.get(kind) ?? 0) + 1);
      if (total.networks % 100 === 0) {
        console.log(`${total.networks} of ${count}, ${total.failures} failures, ${seconds()} s`);
      }
    }
    return ended;
  });
  const codes = await Promise.all(ends);
  for (const [kind, number] of [...told].sort())
    console.log(`${String(number).padStart(6)} ${kind}`);
  console.log(
    `${total.networks} random networks with ${total.layers} layers, seeds ${seed} to ${seed + count - 1}, in ${seconds()} s: ` +
      `${total.words} words and ${total.cycles} cycles compared, ${total.verilator} in Verilator too, ${total.failures} failures`,
  );
  const whole = total.networks === count && codes.every((code) => code === 0);
  if (!whole) console.log(`only ${total.networks} of ${count} networks were drawn and compared`);
  return whole && total.failures === 0 ? 0 : 1;
}
