import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Plan } from '../ir/plan.ts';
import { buildSimulator } from './build-simulator.ts';
import type { GapRun, VerificationRuns } from './measurement.ts';
import type { StoredReference } from './reference-store.ts';
import type { RunSchedule } from './run-schedule.ts';
import { runSimulator } from './run-simulator.ts';

export interface VerifyOptions {
  /** The design. */
  readonly hdlFolder: string;
  /** Gets logs and waves. */
  readonly simFolder: string;
  readonly plan: Plan;
  readonly reference: StoredReference;
  /** Beats of the load stream; null for a design of fixed weights. */
  readonly weights: Uint8Array | null;
  /** The run that is measured. */
  readonly schedule: RunSchedule;
  readonly trace: boolean;
  /**
   * Runs with random input gaps and output back-pressure over all samples, one a seed; null for
   * one short run.
   */
  readonly gapSeeds: readonly number[] | null;
  readonly signal: AbortSignal;
  /** Told now and then; `fraction` is of this design alone, null while it is built. */
  readonly onProgress: (fraction: number | null, text: string) => void;
}

/** Seed and inferences a copy of the run with gaps that nobody asked for. */
const usualGaps = { seed: 1, rounds: 2 } as const;
/** Inferences of a copy in the picture of the pipeline. */
const pipelinedInferences = 4;

/**
 * Builds the simulator of a design and runs it against the reference. Differences and hangs are
 * results; throws `UserError` (exit code 3) when a tool fails.
 */
export async function verifyDesign(options: VerifyOptions): Promise<VerificationRuns> {
  const { plan, reference, trace, signal, hdlFolder, simFolder, weights } = options;
  await mkdir(simFolder, { recursive: true });
  options.onProgress(null, 'building the simulator');
  const simulator = await buildSimulator({
    hdlFolder,
    simFolder,
    waves: trace ? 'fst' : null,
    signal,
  });
  const { samples } = reference.files;
  const common = {
    simulator,
    plan,
    hdlFolder,
    simFolder,
    reference: reference.files,
    samples: reference.inputs,
    ...(weights === null ? {} : { weights }),
    signal,
    pipelineInferences: pipelinedInferences * plan.copies,
    onProgress: (done: number, total: number): void => {
      options.onProgress(done / total, `inference ${done} of ${total}`);
    },
  };
  const main = await runSimulator({
    ...common,
    ...options.schedule,
    gapSeed: null,
    waves: trace ? join(simFolder, 'waves.fst') : null,
  });
  const allRounds = Math.ceil(samples / plan.copies);
  const rounds = options.gapSeeds === null ? Math.min(usualGaps.rounds, allRounds) : allRounds;
  const gapRuns: GapRun[] = [];
  for (const seed of options.gapSeeds ?? [usualGaps.seed]) {
    const result = await runSimulator({
      ...common,
      streamInferences: rounds * plan.copies,
      isolatedSamples: [],
      gapSeed: seed,
      waves: null,
      logName: 'run-with-gaps',
    });
    gapRuns.push({ seed, result });
  }
  return { simulator: `Verilator ${simulator.verilatorVersion}`, main, gapRuns };
}
