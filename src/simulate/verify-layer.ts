import { createHash } from 'node:crypto';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { makeTemporaryFolder } from '../base/leftovers.ts';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { present } from '../base/invariant.ts';
import type { LayerPlan, Plan } from '../ir/plan.ts';
import { predictIsolatedLayer } from '../plan/cycles/isolated-timeline.ts';
import type { IsolatedCycles } from '../plan/cycles/isolated-timeline.ts';
import { weightStreamFile } from '../plan/streams/weight-stream.ts';
import { isolateLayer } from '../plan/isolate-layer.ts';
import type { IsolatedLayer } from '../plan/isolate-layer.ts';
import { partOfStream } from '../plan/memories/load-stream.ts';
import type { Simulator } from './build-simulator.ts';
import { describeMismatch } from './describe-mismatch.ts';
import { inputBeatCount, isolatedBeats } from './isolated-beats.ts';
import type { MapBeats } from './isolated-beats.ts';
import { writeIsolatedDesign } from './isolated-design.ts';
import { isolatedWork, mapsInto } from './isolated-work.ts';
import { layerMeasurement, layerMeasurementOf } from './measurement.ts';
import { writeArrays } from './reference-files.ts';
import type { ReferenceFiles } from './reference-files.ts';
import type { StoredReference } from './reference-store.ts';
import type { SimulationResult } from './run-result.ts';
import { runSimulator } from './run-simulator.ts';
import { contentKey } from './simulator-cache.ts';

const nonNegative = z.number().nonnegative();

/** What was found out about a layer alone. */
export const layerVerificationSchema = z.object({
  /** Of everything that decides the result: Verilog, images, data. */
  key: z.string(),
  index: z.int().nonnegative(),
  name: z.string(),
  samples: z.int().nonnegative(),
  mismatches: z.int().nonnegative(),
  differences: z.array(z.string()),
  accumulatorsCompared: nonNegative,
  valuesCompared: nonNegative,
  cyclesSimulated: nonNegative,
  seconds: nonNegative,
  /** Cycles an inference in steady state and of the first one alone; null when the layer hung. */
  measured: z.object({ interval: nonNegative, latency: nonNegative }).nullable(),
  predicted: z.object({ interval: nonNegative, latency: nonNegative }),
  /** The end of every inference in the cycle that the cycle model says. */
  cyclesExact: z.boolean(),
  activity: layerMeasurement,
  simulator: z.string(),
});

export type LayerVerification = Readonly<z.infer<typeof layerVerificationSchema>>;

export interface VerifyLayerOptions {
  /** Folder of the variant: `sim/layers/` gets logs and results. */
  readonly folder: string;
  /** The emitted design. */
  readonly hdlFolder: string;
  /** Beats that load all weights of the design; null where they are fixed. */
  readonly weights: Uint8Array | null;
  readonly plan: Plan;
  readonly index: number;
  readonly reference: StoredReference;
  /** Seeds of further runs with random gaps. */
  readonly gapSeeds: readonly number[];
  /** Takes the result of an earlier run of the same design and data, if all agreed. */
  readonly resume: boolean;
  /** Builds the simulator of a design, or waits for one that is being built. */
  readonly build: (request: SimulatorRequest) => Promise<Simulator>;
  readonly signal: AbortSignal;
  /** What is being done; `done` inferences of `total` where that is known. */
  readonly onProgress: (text: string) => void;
}

export interface SimulatorRequest {
  readonly hdlFolder: string;
  readonly simFolder: string;
  /** The same for equal Verilog. */
  readonly key: string;
  readonly signal: AbortSignal;
}

/** A verification, and whether an earlier run had it. */
export interface VerifiedLayer {
  readonly result: LayerVerification;
  readonly resumed: boolean;
}

/**
 * Verifies layer `index` of a plan in a design of its own, fed with what the reference says of its
 * inputs: every sum, every value that leaves it, and the cycles. Differences and hangs are results;
 * throws `UserError` (exit code 3) when a tool fails.
 */
export async function verifyLayer(options: VerifyLayerOptions): Promise<VerifiedLayer> {
  const { plan, index, reference } = options;
  // The simulator works in another folder and gets paths of what is in this one.
  const folder = resolve(options.folder);
  const layer = present(plan.layers[index], 'a layer');
  const simFolder = layerFolder(folder, index);
  await mkdir(simFolder, { recursive: true });
  const work = await makeTemporaryFolder(simFolder, 'design');
  try {
    const maps = mapsInto(layer, reference);
    const beats = Math.max(...maps.map(inputBeatCount));
    const isolated = isolateLayer(plan, index, beats);
    const hdlFolder = join(work, 'hdl');
    const texts = await writeIsolatedDesign(hdlFolder, options.hdlFolder, isolated);
    const weights = weightsOf(isolated, options);
    const simulatorKey = contentKey(texts.map((text) => ['verilog', text] as const));
    const key = await resultKey({ simulatorKey, hdlFolder, isolated, weights }, options);
    const earlier = options.resume ? await readVerification(folder, index) : null;
    if (earlier?.key === key && earlier.mismatches === 0) return { result: earlier, resumed: true };
    options.onProgress('building');
    const request = { hdlFolder, simFolder, key: simulatorKey, signal: options.signal };
    const simulator = await options.build(request);
    const files = await expectations(work, plan, layer, reference);
    const inferences = Math.max(2, maps.length + 1);
    const run = (gapSeed: number | null): Promise<SimulationResult> =>
      runSimulator({
        simulator,
        plan: isolated.plan,
        ...(weights === null ? {} : { weights }),
        hdlFolder,
        simFolder,
        reference: files,
        samples: [],
        beats: stimulus(isolated, maps, beats),
        streamInferences: inferences,
        isolatedSamples: [],
        gapSeed,
        pipelineInferences: 0,
        waves: null,
        // other layers are simulated beside it
        threads: 1,
        signal: options.signal,
        onProgress: (done, total, cycles) => {
          options.onProgress(`inference ${done} of ${total}, cycle ${cycles}`);
        },
      });
    const main = await run(null);
    const results = [main];
    for (const seed of options.gapSeeds) results.push(await run(seed));
    const predicted = predictIsolatedLayer(
      isolated,
      isolatedWork(isolated, maps, reference, inferences),
    );
    const result = verificationOf({ key, layer, plan, results, predicted, simulator });
    await writeFileAtomic(resultFile(folder, index), `${JSON.stringify(result, null, 1)}\n`);
    return { result, resumed: false };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** The beats that load a layer alone; null where nothing is loaded. */
function weightsOf(
  isolated: IsolatedLayer,
  { plan, weights }: VerifyLayerOptions,
): Uint8Array | null {
  const { load, memories } = isolated.plan;
  if (weights === null || load === undefined || plan.load === undefined) return null;
  const whole = { load: plan.load, memories: plan.memories };
  return partOfStream(whole, weights, { load, memories }, isolated.firstImage);
}

function layerFolder(folder: string, index: number): string {
  return join(folder, 'sim', 'layers', String(index).padStart(3, '0'));
}

function resultFile(folder: string, index: number): string {
  return join(layerFolder(folder, index), 'result.json');
}

/** What an earlier run found out about a layer; null when there is nothing that can be read. */
async function readVerification(folder: string, index: number): Promise<LayerVerification | null> {
  try {
    const text = await readFile(resultFile(folder, index), 'utf8');
    return layerVerificationSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

function* stimulus(
  isolated: IsolatedLayer,
  maps: readonly (readonly MapBeats[])[],
  beats: number,
): Generator<Uint32Array> {
  for (const sample of maps) yield isolatedBeats(isolated.inputs, sample, beats);
}

/** The files to compare with: of an answer its words, of other layers the word at the map's end. */
async function expectations(
  work: string,
  plan: Plan,
  layer: LayerPlan,
  reference: StoredReference,
): Promise<ReferenceFiles> {
  const logits = join(work, 'words.bin');
  const words = answerRange(plan, layer);
  await writeArrays(
    logits,
    reference.logits.map((all) =>
      words === null ? new Int32Array(1) : all.subarray(words.start, words.end),
    ),
  );
  const files = present(reference.files.layers[layer.index], 'files of every layer');
  return { ...reference.files, logits, layers: [files] };
}

/** Where the words of a layer whose sums are an answer stand among those of all answers. */
function answerRange(plan: Plan, layer: LayerPlan): { start: number; end: number } | null {
  if (layer.output.kind !== 'logits') return null;
  let start = 0;
  for (const { edge, channels, height, width } of plan.output.answers) {
    const end = start + channels * height * width;
    if (edge.from === layer.index) return { start, end };
    start = end;
  }
  return null;
}

/** Everything that decides a result, as a hash. */
async function resultKey(
  {
    simulatorKey,
    hdlFolder,
    isolated,
    weights,
  }: {
    readonly simulatorKey: string;
    readonly hdlFolder: string;
    readonly isolated: IsolatedLayer;
    readonly weights: Uint8Array | null;
  },
  { plan, index, reference, gapSeeds }: VerifyLayerOptions,
): Promise<string> {
  const hash = createHash('sha256');
  const add = (label: string, content: string | NodeJS.ArrayBufferView): void => {
    hash.update(`${label} `).update(content);
  };
  add('tool', `${plan.tool.name} ${plan.tool.version}`);
  add('verilog', simulatorKey);
  add('plan', JSON.stringify(isolated.plan.layers));
  add('seeds', gapSeeds.join(' '));
  if (weights !== null) add('weights', weights);
  else {
    if (isolated.plan.weightStream !== undefined) {
      add('streamed weights', await readFile(join(hdlFolder, weightStreamFile)));
    }
    for (const own of isolated.images.values()) add('image', await readFile(join(hdlFolder, own)));
  }
  const edges = [...present(plan.layers[index], 'a layer').inputs.map(({ from }) => from), index];
  reference.inputs.forEach((input, sample) => {
    for (const edge of edges) {
      add('map', edge === -1 ? input : (reference.values[sample]?.[edge] ?? new Int16Array(0)));
    }
    add('answer', reference.logits[sample] ?? new Int32Array(0));
  });
  return hash.digest('hex').slice(0, 40);
}

/** Sums the runs of a layer alone up. */
function verificationOf({
  key,
  layer,
  plan,
  results,
  predicted,
  simulator,
}: {
  readonly key: string;
  readonly layer: LayerPlan;
  readonly plan: Plan;
  readonly results: readonly SimulationResult[];
  readonly predicted: IsolatedCycles;
  readonly simulator: Simulator;
}): LayerVerification {
  const main = present(results[0], 'a run');
  const sum = (of: (result: SimulationResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const first = main.startCycles[0] ?? 0;
  const ends = main.completionCycles.map((cycle) => cycle - first);
  const summary = (all: ArrayLike<number>): { interval: number; latency: number } => {
    const start = all[0] ?? 0;
    return {
      interval: ((all[all.length - 1] ?? start) - start) / Math.max(1, all.length - 1),
      latency: start,
    };
  };
  const differences = results.flatMap((result) => [
    ...result.mismatches.map((mismatch) =>
      describeMismatch(plan, { ...mismatch, layer: layer.index }),
    ),
    ...(result.ending === 'hang' ? [`${layer.name} alone hangs: ${result.stuck.join('; ')}`] : []),
  ]);
  return {
    key,
    index: layer.index,
    name: layer.name,
    samples: main.samples,
    mismatches: sum((one) => one.mismatchTotal + (one.ending === 'hang' ? 1 : 0)),
    differences,
    accumulatorsCompared: sum((one) => one.accumulatorsCompared),
    valuesCompared: sum((one) => one.valuesCompared),
    cyclesSimulated: sum((one) => one.cycles),
    seconds: sum((one) => one.seconds),
    measured: main.ending === 'hang' ? null : summary(ends),
    predicted: summary(predicted.completions),
    cyclesExact:
      ends.length === predicted.completions.length &&
      ends.every((cycle, at) => cycle === predicted.completions[at]),
    activity: layerMeasurementOf(layer.name, present(main.layers[0], 'a layer is counted'), {
      inferences: main.completionCycles.length,
    }),
    simulator: `Verilator ${simulator.verilatorVersion}`,
  };
}
