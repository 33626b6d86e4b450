import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../../base/leftovers.ts';
import { present } from '../../base/invariant.ts';
import { UserError, exitCodes } from '../../base/diagnostics.ts';
import { storeNetwork } from '../../compile/build-folder.ts';
import { describeNetwork } from '../../compile/describe-network.ts';
import type { NetworkFacts } from '../../compile/describe-network.ts';
import { firstSamples } from '../../compile/first-samples.ts';
import { latencyGoal } from '../../compile/latency-goal.ts';
import type { LoadedNetwork } from '../../compile/load-network.ts';
import { evaluateNetwork } from '../../compile/reference.ts';
import { simulateVariants } from '../../compile/simulate-variants.ts';
import { synthesizeVariants } from '../../compile/synthesize-variants.ts';
import { tokenStatistics } from '../../compile/token-statistics.ts';
import { writeReport } from '../../compile/write-report.ts';
import { accuracy } from '../../evaluate/accuracy.ts';
import { usableResources } from '../../ir/board.ts';
import type { Board } from '../../ir/board.ts';
import { variantFigures } from '../../ir/expectation.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Host } from '../../options.ts';
import { quantizeGraph } from '../../passes/quantize.ts';
import type { Quantization } from '../../passes/quantize.ts';
import { planVariant } from '../../plan/planner.ts';
import type { VariantPlan } from '../../plan/planner.ts';
import { fillOf } from '../../plan/resources/share.ts';
import { smoothVariant, smoothingSamples } from '../../plan/smoothing-queues.ts';
import { toolIdentity } from '../../read/tool-identity.ts';
import { buildReport } from '../../report/build-report.ts';
import { figuresOfVariant } from '../../report/figures.ts';
import type { Report } from '../../report/schema.ts';
import { misfit } from '../../report/variants.ts';
import { writeDesignFolder } from '../../simulate/design-folder.ts';
import { forecast } from '../../simulate/predict-run.ts';
import type { TaskDocument } from '../definition-schema.ts';
import type { JobOutcome } from '../trial.ts';
import type { LayerMemory } from './layer-memory.ts';
import type { TrialSettings } from './trial-settings.ts';

/** What all trials share. */
export interface TrialContext {
  /** The network as given, with the samples that accuracy is searched on and their classes. */
  readonly network: LoadedNetwork;
  readonly task: TaskDocument;
  readonly board: Board;
  readonly host: Host;
  /** What planning found out about the layers of other trials; it is added to. */
  readonly memory: LayerMemory;
  /** The task is the last one: its report is kept. */
  readonly isLast: boolean;
}

/** A trial that was looked at with one task. */
export interface TrialEvaluation {
  readonly outcome: JobOutcome;
  /** What is known of the design; null when there is none. */
  readonly report: Report | null;
  /** The network in integers; null when it cannot be made. */
  readonly quantization: Quantization | null;
}

const variant = 'sparse-sparse';

/** Calibration samples looked at per trial: ranges and token counts hardly move after a few dozen. */
const calibrationSamples = { full: 64, quick: 16 };

/** Samples whose cycles and activity are looked at; accuracy is of all of a task. */
const timedSamples = { full: Infinity, quick: 16 };

/**
 * Accuracy, cycles, energy and resources of one sparse network on one board, by the exact integer
 * evaluator, the planner and the cycle model. A network that cannot be quantised or does not fit has
 * failed, with the reason. Throws `UserError` where a tool of this machine is missing or fails.
 */
export async function evaluateTrial(
  graph: Graph,
  settings: TrialSettings,
  context: TrialContext,
): Promise<TrialEvaluation> {
  try {
    const design = await studyDesign(graph, settings, context);
    const { report, quantization } = design;
    const built = present(report.variants[variant], 'the variant that was built');
    const why = misfit(built) ?? difference(report);
    const outcome: JobOutcome =
      why === null
        ? { kind: 'done', values: metricValues(design, context.board) }
        : { kind: 'failed', reason: `the design ${why}` };
    return { outcome, report, quantization };
  } catch (error) {
    // a missing tool or a full disk is no property of the design
    if (!(error instanceof UserError) || error.exitCode === exitCodes.toolFailed) throw error;
    return { outcome: { kind: 'failed', reason: error.message }, report: null, quantization: null };
  }
}

/** What keeps a simulated design from being one; null where all of it is exact. */
function difference({ variants, warnings }: Report): string | null {
  const { verification, cycles } = present(variants[variant], 'the variant that was built');
  if (verification === null || cycles === null) return null;
  const { mismatches } = verification;
  if (mismatches > 0) return `is not exact: ${warnings.at(-1) ?? String(mismatches)}`;
  return cycles.interval === cycles.modelInterval
    ? null
    : `takes ${String(cycles.interval)} cycles an inference, not ${String(cycles.modelInterval)} as predicted`;
}

interface StudiedDesign {
  readonly report: Report;
  readonly quantization: Quantization;
  /** Share of right answers of the integer network. */
  readonly accuracy: number;
}

async function studyDesign(
  graph: Graph,
  settings: TrialSettings,
  { network: loaded, task, board, host, memory, isLast }: TrialContext,
): Promise<StudiedDesign> {
  const calibration = firstSamples(loaded.calibration, calibrationSamples[task.plan]);
  const count = sampleCount(task, loaded.inputs.count);
  const network: LoadedNetwork = {
    ...loaded,
    graph,
    calibration,
    inputs: firstSamples(loaded.inputs, count),
    labels: loaded.labels?.subarray(0, count) ?? null,
  };
  const { weightBits, activationBits } = settings;
  const quantization = quantizeGraph(graph, calibration, { weightBits, activationBits });
  const isQuick = task.plan === 'quick';
  // what the float network answers is in reports alone
  const inFloat = isLast && !isQuick;
  const reference = await evaluateNetwork(network, quantization, host, { inFloat });
  const right = accuracy(reference.answers, present(network.labels, 'labels are given'));
  const facts: NetworkFacts = { network, quantization, reference };
  const planned = plan(facts, settings, { board, memory, isQuick });
  const { plan: hardware } = planned.network;
  const tool = toolIdentity();
  const base = describeNetwork(facts, board, hardware.clockMHz, [hardware], tool);
  if (planned.fits && (task.simulate > 0 || task.synth))
    return {
      report: await measuredReport(facts, planned, { task, board, host }),
      quantization,
      accuracy: right,
    };
  const values = reference.evaluations
    .slice(0, timedSamples[task.plan])
    .map(({ layers }) => layers.map((layer) => layer.values));
  const predicted = planned.fits ? forecast(hardware, { values }) : null;
  const report = buildReport(base, board, [
    { plan: hardware, measurement: null, forecast: predicted, synthesis: null },
  ]);
  return { report, quantization, accuracy: right };
}

/** The report with what simulation and synthesis found, as `nzflow run` and `nzflow synth` have it. */
async function measuredReport(
  facts: NetworkFacts,
  { network }: VariantPlan,
  { task, board, host }: Pick<TrialContext, 'task' | 'board' | 'host'>,
): Promise<Report> {
  const folder = await makeTemporaryFolder(tmpdir(), 'nzflow-trial');
  try {
    await writeDesignFolder(join(folder, variant), network);
    const plans = [network.plan];
    const { clockMHz } = network.plan;
    const stored = await storeNetwork(folder, facts, {
      board,
      clockMHz,
      plans,
      tool: toolIdentity(),
    });
    if (task.simulate > 0) {
      const options = { trace: false, hashCheck: true, samples: task.simulate };
      await simulateVariants({ design: folder, data: folder }, stored, plans, options, host);
    }
    if (task.synth) await synthesizeVariants(folder, plans, board, host);
    return await writeReport(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface PlanningMeans extends Pick<TrialContext, 'board' | 'memory'> {
  readonly isQuick: boolean;
}

function plan(
  { network, quantization }: NetworkFacts,
  { clockMHz: given, targetThroughput, targetLatencyUs, mostCopies, units }: TrialSettings,
  { board, memory, isQuick }: PlanningMeans,
): VariantPlan {
  const { graph } = quantization;
  const clockMHz = given ?? board.clockMHz;
  const { tokensPerSite, activity, evaluations } = tokenStatistics(
    graph,
    network.calibration,
    smoothingSamples(graph),
  );
  const latency = latencyGoal(
    targetLatencyUs === null ? {} : { targetLatencyUs },
    clockMHz,
    evaluations,
  );
  const findings = memory.recall(graph);
  const planned = planVariant(graph, variant, {
    tool: toolIdentity(),
    modelSha256: network.model.sha256,
    board,
    clockMHz,
    tokensPerSite,
    activity,
    evaluations,
    isQuick,
    ...findings,
    ...(mostCopies === null ? {} : { mostCopies }),
    ...(units.size === 0 ? {} : { units }),
    ...(targetThroughput === null ? {} : { targetThroughput }),
    ...(latency === null ? {} : { latency }),
  });
  memory.keep(findings);
  return latency === null && !isQuick ? smoothVariant(planned, evaluations, board) : planned;
}

/** Every metric there is, of a design that fits. */
function metricValues(
  { report, accuracy }: StudiedDesign,
  board: Board,
): ReadonlyMap<string, number> {
  const built = present(report.variants[variant], 'the variant that was built');
  const weights = report.layers.map((layer) => layer.weights);
  const total = weights.reduce((sum, one) => sum + one.total, 0);
  const nonZeros = weights.reduce((sum, one) => sum + one.nonZero, 0);
  const figures = variantFigures.flatMap((name): readonly (readonly [string, number])[] => {
    const value = name === 'accuracy' ? null : figuresOfVariant[name].of(built);
    return value === null ? [] : [[name, value]];
  });
  return new Map([
    ...figures,
    ['accuracy', accuracy],
    ['nonZeros', nonZeros],
    ['density', nonZeros / total],
    ['products', report.macs.bothSparse],
    ['utilisation', board.usableShare * fillOf(built.resources, usableResources(board)).share],
  ]);
}

/** How many samples a task looks at: a number, or a share of all. */
export function sampleCount({ samples }: Pick<TaskDocument, 'samples'>, all: number): number {
  return Math.min(all, samples <= 1 ? Math.max(1, Math.round(samples * all)) : samples);
}
