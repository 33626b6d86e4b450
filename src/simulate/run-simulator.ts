import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeTemporaryFolder } from '../base/leftovers.ts';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { runChild } from '../base/child-process.ts';
import { exitCodes, fail } from '../base/diagnostics.ts';
import { invariant, present } from '../base/invariant.ts';
import { hasEngines } from '../ir/plan.ts';
import type { Plan } from '../ir/plan.ts';
import type { Simulator } from './build-simulator.ts';
import { printableName } from './describe-mismatch.ts';
import { packInputBeats } from './input-beats.ts';
import { runManifest } from './manifest.ts';
import type { RunPlan } from './manifest.ts';
import { writeArrays } from './reference-files.ts';
import type { ReferenceFiles } from './reference-files.ts';
import { rawResultSchema } from './run-result.ts';
import type { RawResult, SimulationResult } from './run-result.ts';
import { simulationThreads } from './simulation-threads.ts';

/** Threads: `simulationThreads` of the plan unless given. */
export interface RunSimulatorOptions extends RunPlan {
  readonly simulator: Simulator;
  readonly plan: Plan;
  /** Folder with the memory images. */
  readonly hdlFolder: string;
  /** Gets `run.log`; the files of the run itself are removed again. */
  readonly simFolder: string;
  readonly reference: ReferenceFiles;
  /** Integers in the input format, [channel][row][column], as many as the reference has. */
  readonly samples: Iterable<Int16Array>;
  /** Beats of the load stream (`loadStream`) of a design that has one. */
  readonly weights?: Uint8Array;
  /** Input beats of all samples where they are not made of `samples`. */
  readonly beats?: Iterable<Uint32Array>;
  /** Name of the log without extension; `run` unless given. */
  readonly logName?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMilliseconds?: number;
  /** Inferences done, inferences in all, cycles simulated so far. */
  readonly onProgress?: (done: number, total: number, cycles: number) => void;
}

const defaultTimeoutMilliseconds = 6 * 3_600_000;

/** Exit codes of the simulator (sim/main.cpp) that come with a result. */
const resultCodes: readonly (number | null)[] = [0, 1, 3];
/** The design refused the weights it was given. */
const refusedCode = 4;

/**
 * Runs a simulator: the stream part, then the isolated samples. Differences and hangs are part
 * of the result, not errors. Throws `UserError` (exit code 3) when the simulator itself fails or
 * takes too long, and the reason of the signal when aborted. Nothing but the log is left.
 */
export async function runSimulator(options: RunSimulatorOptions): Promise<SimulationResult> {
  const { plan, reference } = options;
  await mkdir(options.simFolder, { recursive: true });
  const work = await makeTemporaryFolder(resolve(options.simFolder), 'run');
  try {
    const files = {
      stimulus: join(work, 'stimulus.bin'),
      load: options.weights === undefined ? null : join(work, 'load.bin'),
      result: join(work, 'result.json'),
      logits: join(work, 'logits.bin'),
    };
    await writeArrays(files.stimulus, options.beats ?? stimulus(plan, options.samples));
    if (files.load !== null && options.weights !== undefined && plan.load !== undefined) {
      await writeArrays(files.load, [wholeWords(options.weights, plan.load.beatBits)]);
    }
    const manifest = join(work, 'manifest.txt');
    const waves = options.waves === null ? null : resolve(options.waves);
    const threads = options.threads ?? simulationThreads(plan);
    const run = { ...options, waves, threads };
    await writeFileAtomic(manifest, runManifest(plan, reference, run, files));
    await execute(options, manifest);
    const raw = rawResultSchema.parse(JSON.parse(await readFile(files.result, 'utf8')));
    const bytes = await readFile(files.logits);
    const logits = new Int32Array(bytes.length / 4);
    new Uint8Array(logits.buffer).set(bytes);
    return interpret(options, raw, logits);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function* stimulus(plan: Plan, samples: Iterable<Int16Array>): Generator<Uint32Array> {
  for (const sample of samples) yield packInputBeats(plan.input, sample);
}

/** Beats as the simulator takes them: each padded to whole 32-bit words. */
function wholeWords(stream: Uint8Array, beatBits: number): Uint8Array {
  const beatBytes = beatBits / 8;
  const wordBytes = Math.ceil(beatBits / 32) * 4;
  const beats = stream.length / beatBytes;
  const words = new Uint8Array(beats * wordBytes);
  for (let beat = 0; beat < beats; beat += 1) {
    words.set(stream.subarray(beat * beatBytes, (beat + 1) * beatBytes), beat * wordBytes);
  }
  return words;
}

async function execute(options: RunSimulatorOptions, manifest: string): Promise<void> {
  const logFile = join(options.simFolder, `${options.logName ?? 'run'}.log`);
  let complaint: string | null = null;
  const result = await runChild({
    command: options.simulator.program,
    arguments: [manifest],
    folder: options.hdlFolder,
    logFile,
    timeoutMilliseconds: options.timeoutMilliseconds ?? defaultTimeoutMilliseconds,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onLine: (line) => {
      const progress = /^progress (\d+) (\d+) (\d+)$/.exec(line);
      if (progress !== null) {
        const [done, total, cycles] = progress.slice(1).map(Number);
        options.onProgress?.(done ?? 0, total ?? 0, cycles ?? 0);
      } else if (complaint === null && /^error |^%Error|^%Warning/.test(line)) {
        complaint = line.replace(/^error /, '');
      }
    },
  });
  if (resultCodes.includes(result.exitCode) && complaint === null) return;
  if (result.exitCode === refusedCode && complaint === null) {
    fail('simulate/weights', 'the design refuses the weights: load_error_o', {
      place: options.hdlFolder,
      remedy: 'they are damaged or of another structure; write them again with `nzflow weights`',
      exitCode: exitCodes.mismatch,
    });
  }
  const reason = result.timedOut
    ? 'took too long'
    : (complaint ?? `ended with ${result.endedBySignal ?? `exit code ${result.exitCode ?? '?'}`}`);
  fail('simulate/run', `the simulator failed: ${reason}`, {
    place: logFile,
    remedy: 'the log tells more',
    exitCode: exitCodes.toolFailed,
  });
}

function interpret(
  options: RunSimulatorOptions,
  raw: RawResult,
  logits: Int32Array,
): SimulationResult {
  const { plan, streamInferences, isolatedSamples, reference } = options;
  const { words } = plan.output;
  const latencies = raw.lastOutput.map((cycle, at) => cycle - (raw.firstInput[at] ?? cycle));
  const completed = raw.lastOutput.length;
  const isolated = isolatedSamples.slice(0, Math.max(0, completed - streamInferences));
  const inferenceOf = new Map<number, number>();
  isolated.forEach((sample, at) => inferenceOf.set(sample, streamInferences + at));
  for (let at = Math.min(completed, streamInferences, reference.samples) - 1; at >= 0; at -= 1) {
    inferenceOf.set(at, at);
  }
  invariant(logits.length >= completed * words, 'the simulator wrote the logits it compared');
  return {
    ending: raw.ending,
    stuck: raw.ending === 'hang' ? stuckPositions(plan, raw) : [],
    samples: inferenceOf.size,
    wrongSamples: raw.wrongSamples,
    mismatchTotal: raw.mismatchTotal,
    mismatches: raw.mismatches,
    accumulatorsCompared: raw.accumulatorsCompared,
    loadCycles: raw.loadCycles,
    weightBeats: raw.weightBeats,
    sitesCompared: raw.sitesCompared,
    valuesCompared: raw.valuesCompared,
    cycles: raw.cycles,
    seconds: raw.seconds,
    completionCycles: raw.lastOutput.slice(0, streamInferences),
    startCycles: raw.firstInput.slice(0, streamInferences),
    loadedLatencies: latencies.slice(0, streamInferences),
    isolatedLatencies: latencies.slice(streamInferences),
    layers: raw.layers,
    spans: raw.spans.map(({ layer, inference, start, end }) => ({
      layer,
      inference,
      startCycle: start,
      endCycle: end,
    })),
    logits,
    logitsOf: (sample) => {
      const inference = inferenceOf.get(sample);
      if (inference === undefined) return null;
      return logits.slice(inference * words, (inference + 1) * words);
    },
  };
}

/** One line per copy and layer: how far it came. */
function stuckPositions(plan: Plan, raw: RawResult): readonly string[] {
  return raw.positions.map(({ copy, layer, windows, sites }) => {
    const layerPlan = present(plan.layers[layer], 'the simulator knows the layers of the plan');
    const name = printableName(plan, layer);
    const { height, width } = layerPlan.output;
    const siteCount = height * width;
    const sent = `${sites % siteCount} of ${siteCount} sites sent`;
    const place = `copy ${copy}, layer ${layer} "${name}": inference`;
    if (!hasEngines(layerPlan)) return `${place} ${Math.floor(sites / siteCount)}, ${sent}`;
    const { pool } = layerPlan.window;
    const windowCount = siteCount * pool.height * pool.width;
    return (
      `${place} ${Math.floor(windows / windowCount)}, ` +
      `${windows % windowCount} of ${windowCount} windows done, ` +
      (layerPlan.output.kind === 'logits' ? '' : sent)
    );
  });
}
