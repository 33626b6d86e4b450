import { present } from '../../base/invariant.ts';
import { pauser } from '../../compile/pauser.ts';
import { accuracy, predictedClass } from '../../evaluate/accuracy.ts';
import { classPlaces } from '../../evaluate/answers.ts';
import {
  dequantizeLogits,
  prepareBatchEvaluator,
  quantizeInputs,
  samplesAtOnce,
  samplesFrom,
} from '../../evaluate/quantized.ts';
import type { Board } from '../../ir/board.ts';
import type { Graph } from '../../ir/graph.ts';
import type { Host } from '../../options.ts';
import type { Quantization } from '../../passes/quantize.ts';
import { readBoard } from '../../read/board.ts';
import { finetune } from '../../sparsify/finetune/finetune.ts';
import type { Definition } from '../definition.ts';
import type { TaskDocument } from '../definition-schema.ts';
import type { Job } from '../trial.ts';
import { evaluateTrial } from './evaluate-trial.ts';
import { heldOutMetric } from './held-out.ts';
import type { TrialEvaluation } from './evaluate-trial.ts';
import { sparseGraph } from './sparse-graph.ts';
import type { LabelledSamples, Study } from './study.ts';
import { trialSettings } from './trial-settings.ts';
import type { TrialSettings } from './trial-settings.ts';

/** Looks at the design of a job with its task. */
export async function evaluateJob(
  study: Study,
  definition: Definition,
  job: Job,
  host: Host,
): Promise<TrialEvaluation> {
  const { document, constants } = definition;
  const task = present(document.tasks[job.task], 'a task');
  const settings = trialSettings(study.network.graph, constants, job.point);
  const board = await boardOf(settings);
  const graph = await trialGraph(study, settings, task, document.seed, host);
  const { network } = study;
  const isLast = job.task === document.tasks.length - 1;
  const { outcome, report, quantization } = await evaluateTrial(graph, settings, {
    network,
    task,
    board,
    host,
    memory: study.memory,
    isLast,
  });
  if (!isLast || outcome.kind === 'failed' || quantization === null)
    return { outcome, report, quantization };
  const heldOut = await accuracyOn(graph, quantization, study.heldOut, host);
  return {
    outcome: { kind: 'done', values: new Map([...outcome.values, [heldOutMetric, heldOut]]) },
    report,
    quantization,
  };
}

/** The network of a trial in float: sparse, and trained where the task says so. */
export async function trialGraph(
  study: Study,
  { sparsity }: TrialSettings,
  { finetune: epochs }: Pick<TaskDocument, 'finetune'>,
  seed: number,
  host: Host,
): Promise<Graph> {
  const sparse = await sparseGraph(study.network.graph, sparsity, study.layers);
  if (epochs === 0) return sparse;
  const { samples, labels } = present(study.training, 'classes of the training samples');
  return finetune(sparse, samples, labels, {
    teacher: null,
    epochs,
    seed,
    augmentation: { shift: 0, noise: 0 },
    pause: pauser(host),
    tell: () => undefined,
  });
}

export async function boardOf({ board: name, usableShare }: TrialSettings): Promise<Board> {
  const board = await readBoard(name);
  return usableShare === null ? board : { ...board, usableShare };
}

/** Share of right answers of the integer network. */
async function accuracyOn(
  graph: Graph,
  { graph: quantized }: Quantization,
  { samples, labels }: LabelledSamples,
  host: Host,
): Promise<number> {
  const evaluate = prepareBatchEvaluator(quantized);
  const batch = samplesAtOnce(quantized);
  const inputs = quantizeInputs(quantized, samples);
  const places = classPlaces(graph);
  const pause = pauser(host);
  const answers: number[] = [];
  for (let first = 0; first < samples.count; first += batch) {
    const end = Math.min(samples.count, first + batch);
    for (const { logits } of evaluate(samplesFrom(inputs, samples.sampleSize, first, end)))
      answers.push(predictedClass(dequantizeLogits(quantized, logits), places));
    await pause();
  }
  return accuracy(answers, labels);
}
