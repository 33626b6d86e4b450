import { availableParallelism } from 'node:os';
import { fail } from '../base/diagnostics.ts';
import { hasEngines } from '../ir/plan.ts';
import type { Plan } from '../ir/plan.ts';

/** What a simulator takes (sim/manifest.cpp). */
const mostThreads = 256;

/** More wait for each other longer than a clock edge takes. */
const usefulThreads = 16;

/**
 * Threads of a simulator of the design: `NZFLOW_THREADS`, else the cores of this machine; no more than there
 * are parts that can be evaluated at once, copies of the network or the engines of one. They change nothing
 * but the time, and the simulator lets them rest where they do not pay.
 *
 * Throws `UserError` (exit code 2) where the variable is not a number of threads.
 */
export function simulationThreads(
  plan: Plan,
  environment: NodeJS.ProcessEnv = process.env,
  cores = availableParallelism(),
): number {
  const wanted = wantedThreads(environment['NZFLOW_THREADS']) ?? Math.min(cores, usefulThreads);
  const engines = plan.layers.reduce((sum, layer) => {
    return sum + (hasEngines(layer) && layer.wired === undefined ? layer.choice.engines : 0);
  }, 0);
  return Math.max(1, Math.min(wanted, Math.max(plan.copies, engines)));
}

function wantedThreads(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  const threads = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (threads >= 1 && threads <= mostThreads) return threads;
  fail('simulate/threads', `${JSON.stringify(text)} is not a number of threads`, {
    place: 'NZFLOW_THREADS',
    remedy: `give 1 to ${mostThreads}, or unset it to use all cores`,
  });
}
