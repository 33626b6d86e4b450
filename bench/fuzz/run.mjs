// npm run fuzz [-- <count> [<first seed>]]
// Reads broken models, samples, configurations, boards, plans and reports, 20 000 unless told otherwise, in
// child processes with little memory: nothing but diagnostics may be thrown, and nothing may crash, hang or
// swallow memory. Exits 1 for anything else, and tells the command that reads that input again.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { clearTimeout, setTimeout } from 'node:timers';
import { createInterface } from 'node:readline';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const [count = '20000', first = '1', role = '', each = '500'] = process.argv.slice(2);

/** A process takes so many inputs, then another goes on: memory that is kept shows in its peak. */
const perProcess = 50_000;
const heapMegabytes = 384;
const mostMegabytes = 900;
/** Without a sign of life, per input of a batch; wall time, on a machine that may be busy. */
const patienceMilliseconds = 120_000;

if (role === 'part') {
  const { module } = await runnerImport(here('part.ts'));
  module.fuzzPart(Number(first), Number(first) + Number(count), Number(each));
} else {
  process.exitCode = await fuzz(Number(count), Number(first));
}

/** Runs one child; what it told, and how it ended. */
async function part(from, inputs, batch, folder, onProblem) {
  const parameters = [
    `--max-old-space-size=${heapMegabytes}`,
    here('run.mjs'),
    inputs,
    from,
    'part',
    batch,
  ];
  const child = spawn(process.execPath, parameters.map(String), {
    stdio: ['ignore', 'pipe', 'pipe'],
    // whatever were written would be here
    cwd: folder,
  });
  let timer;
  let hangs = false;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      hangs = true;
      child.kill('SIGKILL');
    }, patienceMilliseconds);
  };
  alive();
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors = `${errors}${chunk}`.slice(-2000);
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const told = { at: from, seen: null, peakKilobytes: 0 };
  for await (const line of createInterface({ input: child.stdout })) {
    alive();
    const message = JSON.parse(line);
    if ('problem' in message) onProblem(message);
    else Object.assign(told, message);
  }
  const code = await ended;
  clearTimeout(timer);
  return { ...told, code, why: hangs ? 'hangs' : `ends with ${code}: ${errors.split('\n')[0]}` };
}

async function fuzz(total, seed) {
  const begun = Date.now();
  const folder = mkdtempSync(join(tmpdir(), 'nzflow-fuzz-'));
  const seen = {};
  let done = 0;
  let problems = 0;
  let peak = 0;
  const problem = ({ seed: at, reader, problem: what }) => {
    problems += 1;
    console.log(`${reader}, seed ${at}: ${what}`);
    console.log(`  npm run fuzz -- 1 ${at}`);
  };
  const take = async (from, inputs) => {
    const result = await part(from, inputs, 500, folder, problem);
    peak = Math.max(peak, result.peakKilobytes / 1024);
    if (result.code === 0 && result.seen !== null) {
      for (const [reader, { inputs: read, accepted }] of Object.entries(result.seen)) {
        seen[reader] ??= { inputs: 0, accepted: 0 };
        seen[reader].inputs += read;
        seen[reader].accepted += accepted;
        done += read;
      }
      return;
    }
    // which one of the batch it was
    const again = await part(
      result.at,
      Math.min(500, from + inputs - result.at),
      1,
      folder,
      () => {},
    );
    problem({
      seed: again.at,
      reader: 'the process',
      problem: again.code === 0 ? result.why : again.why,
    });
    const next = (again.code === 0 ? result.at : again.at) + 1;
    if (next < from + inputs) await take(next, from + inputs - next);
  };
  let next = seed;
  const worker = async () => {
    while (next < seed + total) {
      const from = next;
      const inputs = Math.min(perProcess, seed + total - from);
      next += inputs;
      await take(from, inputs);
      const seconds = ((Date.now() - begun) / 1000).toFixed(0);
      console.log(`${done} inputs, ${problems} problems, ${seconds} s`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));
  const written = readdirSync(folder);
  rmSync(folder, { recursive: true });
  for (const name of written) console.log(`something wrote a file ${name}`);
  for (const [reader, { inputs, accepted }] of Object.entries(seen)) {
    console.log(`  ${reader.padEnd(12)} ${inputs} inputs, ${accepted} accepted`);
  }
  console.log(
    `${done} inputs, seeds ${seed} to ${seed + total - 1}, in ${((Date.now() - begun) / 1000).toFixed(0)} s: ` +
      `${problems} problems, peak of a process ${peak.toFixed(0)} MB`,
  );
  if (peak > mostMegabytes) console.log(`more than the ${mostMegabytes} MB that are allowed`);
  const whole = done === total;
  return problems === 0 && whole && written.length === 0 && peak <= mostMegabytes ? 0 : 1;
}
