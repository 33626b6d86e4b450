import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../../ir/plan.ts';
import { buildSimulator } from '../build-simulator.ts';
import type { StoredReference } from '../reference-store.ts';
import { runSimulator } from '../run-simulator.ts';
import { convertVcd } from './convert-vcd.ts';

export interface ActivityOptions {
  /** The design. */
  readonly hdlFolder: string;
  /** Gets logs. */
  readonly simFolder: string;
  /** Gets `activity.vcd` and `activity.saif`. */
  readonly powerFolder: string;
  readonly plan: Plan;
  readonly reference: Pick<StoredReference, 'files' | 'inputs'>;
  /** Beats of the load stream; null for a design of fixed weights. */
  readonly weights: Uint8Array | null;
  /** Inferences of every copy that are recorded, while others are before and behind them. */
  readonly inferences: number;
  /** Of the loaded run: between two inferences of one copy, and from an inference's first beat to its last. */
  readonly loaded: { readonly oneCopyInterval: number; readonly latency: number };
  /** Of simulators, instead of the user's. */
  readonly cache?: string;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Steps of time of a cycle in the waves (`Waves::dump`): one of each level of the clock. */
const stepsPerCycle = 2;

/** The instance that power tools know. */
const top = 'nzflow_top';

/**
 * Simulates a design once more and records every change of every signal, for power tools: VCD of the run and
 * SAIF of the time at full load, in which every layer has work: from the end of the first inference of every copy
 * until so many more have ended. Times are those at the clock of the plan. Throws `UserError` (exit code 3)
 * when a tool fails.
 */
export async function recordActivity(options: ActivityOptions): Promise<void> {
  const { hdlFolder, simFolder, powerFolder, plan, reference, weights, signal } = options;
  await mkdir(simFolder, { recursive: true });
  await mkdir(powerFolder, { recursive: true });
  const simulator = await buildSimulator({
    hdlFolder,
    simFolder,
    waves: 'vcd',
    signal,
    ...(options.cache === undefined ? {} : { cache: options.cache }),
  });
  const waves = join(simFolder, 'waves.vcd');
  const { inferences, loaded } = options;
  // when the last recorded one ends, so many are behind it, and none of them may be the last to enter
  const under = Math.ceil(loaded.latency / Math.max(1, loaded.oneCopyInterval));
  try {
    const run = await runSimulator({
      simulator,
      plan,
      hdlFolder,
      simFolder,
      reference: reference.files,
      samples: reference.inputs,
      ...(weights === null ? {} : { weights }),
      streamInferences: (inferences + under + 2) * plan.copies,
      isolatedSamples: [],
      pipelineInferences: 0,
      gapSeed: null,
      waves,
      signal,
      onProgress: options.onProgress,
    });
    await convertVcd({
      from: waves,
      vcd: join(powerFolder, 'activity.vcd'),
      saif: join(powerFolder, 'activity.saif'),
      top,
      stepPicoseconds: Math.max(1, Math.round(1e6 / (stepsPerCycle * plan.clockMHz))),
      start: stepsPerCycle * (run.completionCycles[plan.copies - 1] ?? 0),
      end: stepsPerCycle * (run.completionCycles[(inferences + 1) * plan.copies - 1] ?? run.cycles),
      program: `${plan.tool.name} ${plan.tool.version}`,
      signal,
    });
  } finally {
    await rm(waves, { force: true });
  }
}
