import { dirname, join } from 'node:path';
import { fail } from '../base/diagnostics.ts';
import { classPlaces } from '../evaluate/answers.ts';
import type { Graph } from '../ir/graph.ts';
import { shapeSize } from '../ir/graph.ts';
import type { OnnxModel } from '../ir/onnx.ts';
import type { Samples } from '../ir/tensor.ts';
import type { DataOptions, InspectOptions } from '../options.ts';
import { lowerModel } from '../passes/lower.ts';
import type { LowerOptions } from '../passes/lower.ts';
import { sha256OfFiles } from '../read/file-hash.ts';
import { readOnnxModel } from '../read/onnx.ts';
import { readLabels, readSamples } from '../read/samples.ts';
import { randomSamples } from './random-samples.ts';

/** A network with everything that is known about its data. */
export interface LoadedNetwork {
  readonly model: { readonly name: string; readonly file: string; readonly sha256: string };
  readonly graph: Graph;
  /** ONNX operators and how many nodes have them, most frequent first. */
  readonly operators: readonly { readonly operator: string; readonly nodes: number }[];
  /** Test samples: the user's, or made up. */
  readonly inputs: Samples;
  readonly inputsAreRandom: boolean;
  /** One per test sample; null when unlabelled. */
  readonly labels: Uint32Array | null;
  /** Samples that choose the activation ranges. */
  readonly calibration: Samples;
  /** What the user should know before relying on the numbers. */
  readonly warnings: readonly string[];
}

/** Samples made up when the user gives none. */
const randomSampleCount = 16;
/** Values of all of them together. */
const mostRandomValues = 2 ** 28;

/**
 * Reads model and data. Without inputs the samples are random (the same every time); without
 * calibration the test inputs stand in for it; both are told in `warnings`. Throws `UserError`.
 */
export async function loadNetwork(
  options: InspectOptions,
  lowering: LowerOptions = {},
): Promise<LoadedNetwork> {
  const model = await readOnnxModel(options.model);
  const graph = lowerModel(model, lowering);
  const folder = dirname(options.model);
  const external = model.externalFiles.map((file) => join(folder, file));
  const sha256 = await sha256OfFiles([options.model, ...external]);
  const { inputs, labels } = await loadTestData(graph, options);
  const calibration =
    options.calibrate === undefined
      ? inputs
      : await readSamples(options.calibrate, graph.input.shape, graph.input.sampleOrder);
  return {
    model: { name: model.name, file: options.model, sha256 },
    graph,
    operators: countOperators(model),
    inputs,
    inputsAreRandom: options.inputs === undefined,
    labels,
    calibration,
    warnings: dataWarnings(options),
  };
}

function countOperators(model: OnnxModel): LoadedNetwork['operators'] {
  const counts = new Map<string, number>();
  for (const { operator } of model.nodes) counts.set(operator, (counts.get(operator) ?? 0) + 1);
  return Array.from(counts, ([operator, nodes]) => ({ operator, nodes })).sort(
    (one, other) => other.nodes - one.nodes || (one.operator < other.operator ? -1 : 1),
  );
}

async function loadTestData(
  graph: Graph,
  options: DataOptions,
): Promise<{ readonly inputs: Samples; readonly labels: Uint32Array | null }> {
  const { shape } = graph.input;
  if (options.inputs === undefined) {
    const count = options.samples ?? randomSampleCount;
    if (count * shapeSize(shape) > mostRandomValues) {
      fail('usage/too-many-samples', `${count} random samples do not fit into memory`, {
        place: '--samples',
        remedy: 'ask for fewer, or give real ones with --inputs',
      });
    }
    return { inputs: randomSamples(count, shapeSize(shape)), labels: null };
  }
  const all = await readSamples(options.inputs, shape, graph.input.sampleOrder);
  const labels =
    options.labels === undefined
      ? null
      : await readLabels(options.labels, all.count, classPlaces(graph).length);
  const count = Math.min(options.samples ?? all.count, all.count);
  const data = all.data.subarray(0, count * all.sampleSize);
  return { inputs: { ...all, count, data }, labels: labels?.subarray(0, count) ?? null };
}

function dataWarnings(options: DataOptions): readonly string[] {
  if (options.inputs === undefined) {
    const ranges =
      options.calibrate === undefined ? ' Number ranges were chosen from them too.' : '';
    return [
      `No inputs were given: samples are random numbers, so densities, cycles and energy are not ` +
        `those of real data.${ranges} Give --inputs.`,
    ];
  }
  return options.calibrate === undefined
    ? [
        'No calibration data was given: number ranges were chosen from the test inputs, so the ' +
          'accuracy is optimistic. Give --calibrate with training samples.',
      ]
    : [];
}
