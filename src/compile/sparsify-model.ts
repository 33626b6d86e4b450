import { readFile } from 'node:fs/promises';
import { UserError, exitCodes, fail } from '../base/diagnostics.ts';
import { invariant, present } from '../base/invariant.ts';
import { classPlaces } from '../evaluate/answers.ts';
import { prepareFloatVisitor } from '../evaluate/float.ts';
import { shapeSize } from '../ir/graph.ts';
import type { Graph, Layer } from '../ir/graph.ts';
import type { OnnxModel } from '../ir/onnx.ts';
import type { Samples } from '../ir/tensor.ts';
import type { Host, Outcome, SparsifyOptions } from '../options.ts';
import { lowerModel } from '../passes/lower.ts';
import { decodeOnnxModel, readOnnxModel } from '../read/onnx.ts';
import { readFailure } from '../read/read-failure.ts';
import { readLabels, readSamples } from '../read/samples.ts';
import { refuseSpecialFile } from '../read/special-file.ts';
import { formatSparsification } from '../report/sparsification.ts';
import type { Sparsification, SparsifiedLayer, StageAccuracies } from '../report/sparsification.ts';
import { writeModel } from '../sparsify/export/write-model.ts';
import { finetune } from '../sparsify/finetune/finetune.ts';
import { teach } from '../sparsify/finetune/teach.ts';
import type { Difference } from '../sparsify/measure/difference.ts';
import { measureAccuracy } from '../sparsify/measure/measure-accuracy.ts';
import { countProducts } from '../sparsify/measure/products.ts';
import type { ProductsPerInference } from '../sparsify/measure/products.ts';
import { describePattern } from '../sparsify/plan/describe-pattern.ts';
import type { SparsityPlan } from '../sparsify/plan/layer-goal.ts';
import { planFromFile, planNetworkGoals } from '../sparsify/plan/make-plan.ts';
import { parsePlanFile } from '../sparsify/plan/plan-file.ts';
import { firstSamples } from './first-samples.ts';
import { pauser } from './pauser.ts';
import { checkOut, writeOut } from './sparse-file.ts';
import { balanceChannels } from '../sparsify/prune/balance-channels.ts';
import { pruneNetwork, winnersBehind } from '../sparsify/prune/prune-network.ts';

/** Samples that products are counted on. */
const countedSamples = 32;

/** Everything that was read, checked before the long work begins. */
interface Job {
  readonly model: OnnxModel;
  readonly graph: Graph;
  readonly plan: SparsityPlan;
  readonly calibration: Samples;
  /** Samples that were given but do not fit into memory. */
  readonly calibrationLeftOut: number;
  readonly test: LabelledSamples | null;
  readonly training: LabelledSamples | null;
}

interface LabelledSamples {
  readonly samples: Samples;
  readonly labels: Uint32Array;
}

/**
 * `nzflow sparsify`: a model with zeros for weights, and k-WTA, from one without. The file appears
 * whole when all is done. Throws `UserError`.
 */
export async function sparsifyModel(options: SparsifyOptions, host: Host): Promise<Outcome> {
  await checkOut(options);
  const job = await readJob(options);
  const { graph, plan, calibration } = job;
  const pause = pauser(host);
  const begun = performance.now();
  host.progress.phase('choosing weights');
  const pruned = await pruneNetwork(graph, calibration, plan, {
    method: options.method,
    seed: options.seed,
    pause,
    tell: (fraction, name) => host.progress.update(fraction, name),
  });
  const prunedAt = performance.now();
  const final = await trainIfAsked(pruned.graph, job, options, host, pause);
  const trainedAt = performance.now();
  host.progress.phase('measuring');
  const counted = firstSamples(job.test?.samples ?? calibration, countedSamples);
  const products = await countProducts(final, counted, pause);
  const accuracy = await measureStages(job, pruned.graph, final, pause);
  host.progress.phase('writing the model');
  const bytes = writeModel(final, job.model);
  checkWritten(bytes, final, calibration, options.out);
  await writeOut(options.out, bytes, host);
  const layers = describeLayers(job, final, pruned.differences, products);
  const result: Sparsification = {
    model: options.model,
    out: options.out,
    method: options.method,
    seed: options.seed,
    layers,
    weights: {
      total: sum(layers, (layer) => layer.weights.total),
      nonZero: sum(layers, (layer) => layer.weights.nonZero),
    },
    products: {
      dense: sum(layers, (layer) => layer.products.dense),
      left: sum(layers, (layer) => layer.products.left),
    },
    calibrationSamples: calibration.count,
    trainingSamples: job.training?.samples.count ?? null,
    testSamples: job.test?.samples.count ?? null,
    accuracy,
    seconds: {
      pruning: (prunedAt - begun) / 1000,
      training: job.training === null ? null : (trainedAt - prunedAt) / 1000,
    },
    notes: notesOf(job, options),
  };
  return { exitCode: exitCodes.done, text: formatSparsification(result), data: result };
}

async function readJob(options: SparsifyOptions): Promise<Job> {
  const model = await readOnnxModel(options.model);
  const graph = lowerModel(model, { keepEmptyChannels: true });
  if (graph.given !== null) {
    fail('sparsify/quantised', 'the model is quantised already', {
      place: options.model,
      remedy: 'make the float model sparse, then quantise it (or let nzflow do that)',
    });
  }
  const plan = await readPlan(graph, options);
  const read = (path: string): Promise<Samples> =>
    readSamples(path, graph.input.shape, graph.input.sampleOrder);
  const labelled = async (inputs: string, labels: string): Promise<LabelledSamples> => {
    const samples = await read(inputs);
    return {
      samples,
      labels: await readLabels(labels, samples.count, classPlaces(graph).length),
    };
  };
  const { inputs, labels, finetune: training } = options;
  const test = inputs === undefined || labels === undefined ? null : await labelled(inputs, labels);
  const wanted = firstSamples(
    await read(options.calibrate),
    options.calibrationSamples ?? Infinity,
  );
  const calibration = firstSamples(wanted, mostCalibrationSamples(graph));
  refuseConstant(calibration, options.calibrate);
  return {
    model,
    graph: balanceChannels(graph, plan),
    plan,
    calibration,
    calibrationLeftOut: wanted.count - calibration.count,
    test:
      test === null || options.samples === undefined
        ? test
        : {
            samples: firstSamples(test.samples, options.samples),
            labels: test.labels.subarray(0, options.samples),
          },
    training: training === undefined ? null : await labelled(training.inputs, training.labels),
  };
}

/** Sums of one layer, of all samples, that are held in memory: 1 GB. */
const mostSums = 2 ** 27;

function mostCalibrationSamples(graph: Graph): number {
  const sizes = graph.layers.map((layer) =>
    shapeSize(layer.kind === 'window' ? layer.windowShape : layer.outputShape),
  );
  return Math.max(1, Math.floor(mostSums / Math.max(...sizes)));
}

function refuseConstant({ data, sampleSize }: Samples, place: string): void {
  if (data.some((value, at) => value !== data[at % sampleSize])) return;
  fail('sparsify/same-samples', 'the calibration samples are all the same', {
    place,
    remedy: 'give different ones, as many as possible',
  });
}

async function readPlan(graph: Graph, options: SparsifyOptions): Promise<SparsityPlan> {
  const { perLayer, pattern, density, winnerShare, method } = options;
  const plan =
    perLayer === undefined
      ? planNetworkGoals(graph, {
          pattern,
          density: density ?? 1,
          winnerShare: winnerShare ?? null,
        })
      : planFromFile(graph, parsePlanFile(perLayer, await readText(perLayer)), pattern);
  if (method === 'second-order') refuseWide(graph, plan);
  return plan;
}

/** Inputs of one kernel that second-order pruning can handle: its matrices grow with the square. */
const mostInputs = 8192;

function refuseWide(graph: Graph, plan: SparsityPlan): void {
  const wide = graph.layers.flatMap((layer, index) => {
    if (layer.kind !== 'window' || (plan[index]?.pattern ?? null) === null) return [];
    const inputs = layer.weights.length / layer.windowShape.channels;
    return inputs > mostInputs ? [{ layer, inputs }] : [];
  });
  if (wide.length === 0) return;
  throw new UserError(
    wide.map(({ layer, inputs }) => ({
      code: 'sparsify/too-wide',
      message: `a kernel has ${inputs} weights, second-order pruning takes at most ${mostInputs}`,
      place: layer.name,
      remedy: 'add --method magnitude, and --finetune to make up for it',
    })),
  );
}

async function readText(path: string): Promise<string> {
  await refuseSpecialFile('plan/unreadable', path);
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    return readFailure('plan/unreadable', path, error);
  }
}

async function trainIfAsked(
  graph: Graph,
  { training, graph: dense }: Job,
  options: SparsifyOptions,
  host: Host,
  pause: () => Promise<void>,
): Promise<Graph> {
  const settings = options.finetune;
  if (training === null || settings === undefined) return graph;
  host.progress.phase('asking the dense network');
  const teacher = await teach(dense, training.samples, pause);
  host.progress.phase('training');
  return finetune(graph, training.samples, training.labels, {
    teacher,
    epochs: settings.epochs,
    seed: options.seed,
    augmentation: { shift: settings.shift, noise: settings.noise },
    pause,
    tell: (fraction, epoch, loss) => {
      const text = `epoch ${epoch + 1} of ${settings.epochs}, loss ${loss.toFixed(3)}`;
      host.progress.update(fraction, text);
    },
  });
}

async function measureStages(
  job: Job,
  pruned: Graph,
  final: Graph,
  pause: () => Promise<void>,
): Promise<StageAccuracies | null> {
  if (job.test === null) return null;
  const { samples, labels } = job.test;
  const measure = (graph: Graph): Promise<number> => measureAccuracy(graph, samples, labels, pause);
  const withWinners = denseWithWinners(job);
  return {
    dense: await measure(job.graph),
    winnersAlone: withWinners === null ? null : await measure(withWinners),
    pruned: await measure(pruned),
    finetuned: job.training === null ? null : await measure(final),
  };
}

/** What k-WTA costs by itself; null where none is added. */
function denseWithWinners({ graph, plan }: Job): Graph | null {
  if (plan.every(({ kWinners }) => kWinners === null)) return null;
  const layers = graph.layers.map((layer, index): Layer => {
    const k = plan[index]?.kWinners ?? null;
    return k === null ? layer : ({ ...layer, kWinners: winnersBehind(layer, k) } as Layer);
  });
  return { ...graph, layers };
}

/** What was written is read again, as `nzflow run` will, and must say the same. */
function checkWritten(bytes: Uint8Array, graph: Graph, samples: Samples, place: string): void {
  const read = lowerModel(decodeOnnxModel(bytes, place), { keepEmptyChannels: true });
  const expected = prepareFloatVisitor(graph);
  const actual = prepareFloatVisitor(read);
  const { data } = firstSamples(samples, 1);
  const left = expected(data, () => undefined);
  const right = actual(data, () => undefined);
  const largest = left.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  invariant(
    left.length === right.length &&
      left.every((value, at) => Math.abs(value - (right[at] ?? NaN)) <= 1e-4 * largest),
    'the model that is written computes what the graph does',
  );
}

function describeLayers(
  { graph, plan }: Job,
  final: Graph,
  differences: readonly (Difference | null)[],
  products: readonly ProductsPerInference[],
): readonly SparsifiedLayer[] {
  return final.layers.map((layer, index): SparsifiedLayer => {
    const goal = present(plan[index], 'a goal for every layer');
    const weights = layer.kind === 'window' ? layer.weights : new Float32Array(0);
    return {
      name: layer.name,
      kind: layer.kind === 'window' ? layer.operator : layer.kind,
      pattern: goal.pattern === null ? null : describePattern(goal.pattern),
      weights: {
        total: weights.length,
        nonZero: weights.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0),
      },
      kWinners: graph.layers[index]?.kWinners === null ? (layer.kWinners?.k ?? null) : null,
      error: goal.pattern === null ? null : (differences[index] ?? null),
      products: present(products[index], 'products of every layer'),
    };
  });
}

function notesOf({ graph, calibrationLeftOut }: Job, options: SparsifyOptions): readonly string[] {
  const { hostOperators } = graph;
  return [
    ...(calibrationLeftOut === 0
      ? []
      : [`${calibrationLeftOut} calibration samples are left out: they do not fit into memory.`]),
    ...(hostOperators.length === 0
      ? []
      : [`${hostOperators.join(', ')} behind the last layer is left out: the host computes it.`]),
    ...(options.inputs === undefined
      ? ['No accuracy was measured: give test samples with --inputs and --labels.']
      : []),
  ];
}

function sum<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}
