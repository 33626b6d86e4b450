import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { present } from '../../src/base/invariant.ts';
import { hasEngines } from '../../src/ir/plan.ts';
import type { Plan } from '../../src/ir/plan.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import type { CompileOptions, Host } from '../../src/options.ts';
import { measure } from '../../src/simulate/measurement.ts';
import { predictRun } from '../../src/simulate/predict-run.ts';
import type { SimulationResult } from '../../src/simulate/run-result.ts';
import { runSchedule } from '../../src/simulate/run-schedule.ts';
import { verifyDesign } from '../../src/simulate/verify-design.ts';
import { buildVariant } from './built-variant.ts';

/** A network, its data and board, and how it is to be folded. */
export interface FoldingStudy {
  readonly network: Omit<CompileOptions, 'variants' | 'targetThroughput' | 'out'>;
  /** Per variant: inferences per second to fold for. */
  readonly targets: Readonly<Partial<Record<VariantName, readonly number[]>>>;
  /** Of the runs with random gaps and back-pressure, over all samples each. */
  readonly gapSeeds: readonly number[];
  /** Gets the builds. */
  readonly folder: string;
}

/** One design: what it is and what its runs gave. */
export interface FoldedDesign {
  readonly variant: VariantName;
  readonly target: number;
  readonly copies: number;
  readonly multipliers: number;
  readonly samples: number;
  readonly mismatches: number;
  readonly interval: number;
  readonly predictedInterval: number;
  readonly latency: number;
  readonly predictedLatency: number;
  /** Runs with gaps that were complete and compared every sample. */
  readonly gapRuns: number;
  /** Hashes of the answers to all samples, one a run. */
  readonly answers: readonly string[];
  /** Everything that tells one folding from another. */
  readonly folding: string;
  readonly seconds: number;
  /** First differences, if there are any. */
  readonly differences: readonly string[];
}

/** Builds and runs every design of a study, one after another; `told` hears of each. */
export async function foldedDesigns(
  study: FoldingStudy,
  host: Host,
  told: (design: FoldedDesign) => void,
): Promise<readonly FoldedDesign[]> {
  const designs: FoldedDesign[] = [];
  for (const [name, targets] of Object.entries(study.targets)) {
    for (const target of targets) {
      const design = await foldedDesign(study, name as VariantName, target, host);
      told(design);
      designs.push(design);
    }
  }
  return designs;
}

async function foldedDesign(
  study: FoldingStudy,
  variant: VariantName,
  target: number,
  host: Host,
): Promise<FoldedDesign> {
  const begin = Date.now();
  const out = join(study.folder, `${variant}-${target}`);
  const options = { ...study.network, targetThroughput: target, out };
  const built = await buildVariant(options, variant, host);
  const { plan, labels, reference, hdlFolder, simFolder } = built;
  const schedule = runSchedule(plan, reference);
  const runs = await verifyDesign({
    hdlFolder,
    simFolder,
    plan,
    reference,
    weights: null,
    schedule,
    trace: false,
    gapSeeds: study.gapSeeds,
    signal: host.signal,
    onProgress: (fraction, text) => host.progress.update(fraction, `${variant} ${target}: ${text}`),
  });
  const predicted = predictRun(plan, reference, schedule);
  const measured = measure(plan, runs, {
    reference,
    labels,
    classPlaces: null,
    predicted,
    predictedLatencies: schedule.predictedLatencies,
  });
  const all = [runs.main, ...runs.gapRuns.map(({ result }) => result)];
  return {
    variant,
    target,
    copies: plan.copies,
    multipliers: plan.layers.reduce(
      (sum, layer) => sum + (hasEngines(layer) ? layer.multipliers : 0),
      0,
    ),
    samples: measured.samples,
    mismatches: measured.mismatches,
    interval: measured.cycles?.interval ?? NaN,
    predictedInterval: predicted.interval,
    latency: measured.cycles?.latency ?? NaN,
    predictedLatency: predicted.latency,
    gapRuns: runs.gapRuns.filter(
      ({ result }) => result.ending === 'complete' && result.samples === reference.files.samples,
    ).length,
    answers: all.map((result) => answersOf(result, reference.files.samples)),
    folding: foldingOf(plan),
    seconds: (Date.now() - begin) / 1000,
    differences: measured.differences,
  };
}

function answersOf(result: SimulationResult, samples: number): string {
  const hash = createHash('sha256');
  for (let sample = 0; sample < samples; sample += 1) {
    hash.update(result.logitsOf(sample) ?? `sample ${sample} is missing`);
  }
  return hash.digest('hex').slice(0, 12);
}

function foldingOf(plan: Plan): string {
  return JSON.stringify([plan.copies, plan.layers.map(({ choice }) => choice)]);
}

/** What is not as it should be, a sentence each; nothing when all designs agree. */
export function violations(study: FoldingStudy, designs: readonly FoldedDesign[]): string[] {
  const found: string[] = [];
  const answers = present(designs[0]?.answers[0], 'a study has a design');
  for (const design of designs) {
    const name = `${design.variant} for ${design.target}/s`;
    const check = (right: boolean, wrong: string): void => {
      if (!right) found.push(`${name}: ${wrong}`);
    };
    check(
      design.mismatches === 0,
      `${design.mismatches} differences, ${design.differences[0] ?? ''}`,
    );
    check(design.samples === study.network.samples, `${design.samples} samples were compared`);
    check(
      design.gapRuns === study.gapSeeds.length,
      `${design.gapRuns} of ${study.gapSeeds.length} runs with gaps are complete`,
    );
    check(
      design.answers.length === 1 + study.gapSeeds.length &&
        design.answers.every((hash) => hash === answers),
      `answers ${[...new Set(design.answers)].join(', ')} are not ${answers}`,
    );
    check(
      design.interval === design.predictedInterval,
      `interval ${design.interval}, predicted ${design.predictedInterval}`,
    );
    check(
      design.latency === design.predictedLatency,
      `latency ${design.latency}, predicted ${design.predictedLatency}`,
    );
    const twin = designs.find(
      (other) =>
        other !== design && other.variant === design.variant && other.folding === design.folding,
    );
    check(twin === undefined, `it is folded like the one for ${twin?.target ?? 0}/s`);
  }
  return found;
}
