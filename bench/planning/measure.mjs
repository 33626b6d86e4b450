// node bench/planning/measure.mjs <compile options as JSON>: `nzflow compile` of the build in dist,
// alone in its process. Prints as JSON how long each phase took (milliseconds of the clock and of
// all threads of the process) and the most memory (bytes) it had.
import { performance } from 'node:perf_hooks';

const { compileModel } = await import('../../dist/compile.js');
const options = JSON.parse(process.argv[2]);

const phases = [];
const now = () => {
  const { user, system } = process.cpuUsage();
  return { clock: performance.now(), processor: (user + system) / 1000 };
};
let running = null;
const end = () => {
  if (running === null) return;
  const { clock, processor } = now();
  const { name, begin } = running;
  phases.push({ name, clock: clock - begin.clock, processor: processor - begin.processor });
  running = null;
};
const progress = {
  phase(name) {
    end();
    running = { name, begin: now() };
  },
  update: () => undefined,
  note: () => undefined,
  done: end,
};
const begin = now();
const { signal } = new globalThis.AbortController();
await compileModel({ requireFit: false, ...options }, { progress, signal });
end();
const { clock, processor } = now();
const total = { clock: clock - begin.clock, processor: processor - begin.processor };
// maxRSS is in KiB
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(JSON.stringify({ phases, total, peakBytes }));
