import type { ExitCode } from './base/diagnostics.ts';
import type { Progress } from './base/progress.ts';
import type { Expectation } from './ir/expectation.ts';
import type { VariantName } from './ir/variant.ts';

/** What every long-running function gets from its caller besides its options. */
export interface Host {
  readonly progress: Progress;
  /**
   * Aborted when the user gives up: end child processes, remove what is half written, then reject
   * (with whatever; the caller knows that it aborted).
   */
  readonly signal: AbortSignal;
}

/** Result of a command: what a person reads, what a program reads, and the verdict. */
export interface Outcome {
  readonly exitCode: ExitCode;
  /** For the terminal, with a newline at the end; empty for nothing. */
  readonly text: string;
  /** For `--json`; anything `JSON.stringify` takes. */
  readonly data: unknown;
}

/** Paths to sample data; a path not given is a thing not known. */
export interface DataOptions {
  /** `.npy`, float32 [samples, ...input shape]. */
  readonly inputs?: string;
  /** `.npy`, one class number per sample. */
  readonly labels?: string;
  /** `.npy`, like `inputs`: from training data, to choose activation ranges. */
  readonly calibrate?: string;
  /** Use only the first so many samples of `inputs`. */
  readonly samples?: number;
}

/** What k-WTA does with values equal to the k-th: exactly k winners, or all of them stay. */
export const kwtaRules = ['exact', 'ties'] as const;
export type KwtaRule = (typeof kwtaRules)[number];

/** `nzflow inspect`. */
export interface InspectOptions extends DataOptions {
  /** Path of the ONNX file. */
  readonly model: string;
  /** `exact` unless given. */
  readonly kwta?: KwtaRule;
}

/** Where the weights of a design are: in its memories from the start, or loaded over a stream. */
export const weightModes = ['fixed', 'loadable'] as const;
export type WeightMode = (typeof weightModes)[number];

/** What a plan without a target is best in. */
export const optimizations = ['throughput', 'latency'] as const;
export type Optimization = (typeof optimizations)[number];

/** The bus interfaces of a design. */
export interface AxiOptions {
  /** Bits of the data streams, a power of two from 8 to 1024. */
  readonly dataBits: number;
}

/** `nzflow compile`. */
export interface CompileOptions extends InspectOptions {
  /** Name of a known board or path of a board file. */
  readonly board: string;
  readonly variants: readonly VariantName[];
  /** Inferences per second to reach with as little hardware as possible; otherwise as many as fit. */
  readonly targetThroughput?: number;
  /**
   * Microseconds that one inference alone may take, median of calibration samples: one copy, as small as
   * keeps to it. Not together with `targetThroughput`.
   */
  readonly targetLatencyUs?: number;
  /** `throughput` unless given; `latency`: one copy of the least latency that fits. */
  readonly optimize?: Optimization;
  /** Instead of the board's default. */
  readonly clockMHz?: number;
  /** `fixed` unless given. */
  readonly weights?: WeightMode;
  /** With AXI interfaces (`nzflow_axi`), performance counters and drivers. */
  readonly axi?: AxiOptions;
  /** An XRT kernel, planned for what the shell of the card leaves. */
  readonly shell?: boolean;
  /** Build folder. */
  readonly out: string;
  /** Exit code 4 when any variant does not fit, not only when none does. */
  readonly requireFit: boolean;
}

/** What `simulate` and the simulation in `run` have in common. */
export interface SimulationOptions {
  /** Record FST waves. */
  readonly trace: boolean;
  /**
   * One more run over all samples for each seed, with random gaps before input beats and random
   * output back-pressure. Without seeds there is one such run of the first samples.
   */
  readonly gapSeeds?: readonly number[];
  /** Compare every `.mem` file with its hash in plan.json first. */
  readonly hashCheck: boolean;
}

/** What a run leaves for a CI server, and what makes it fail. */
export interface GateOptions {
  /** Exit code 1 when one of them does not hold. */
  readonly expect?: readonly Expectation[];
  /** File for the results as JUnit XML. */
  readonly junit?: string;
  /** File for the results as Markdown. */
  readonly summary?: string;
}

/** `nzflow run`. */
export type RunOptions = CompileOptions & SimulationOptions & GateOptions;

/** `nzflow simulate`. */
export interface SimulateOptions extends SimulationOptions {
  readonly buildFolder: string;
  /** Which of the variants in the folder; all of them unless given. */
  readonly variants?: readonly VariantName[];
  readonly samples?: number;
  /** What `nzflow weights` wrote: its weights are loaded, its reference is compared with. */
  readonly weightFolder?: string;
  /** Every layer alone in a design of its own instead of the whole design. */
  readonly layers?: boolean;
  /** Only the layers of these names, alone. */
  readonly layerNames?: readonly string[];
  /** Record the switching activity of so many inferences of every copy at full load, for power tools. */
  readonly activity?: number;
  /** Layers that an earlier run verified with the same design and data are not run again. */
  readonly resume?: boolean;
}

/** `nzflow weights`. */
export interface WeightsOptions extends InspectOptions {
  /** A build with `weights: loadable`. */
  readonly buildFolder: string;
  /** Which of its variants; all of them unless given. */
  readonly variants?: readonly VariantName[];
  /** Folder for the weights and their reference. */
  readonly out: string;
}

export const synthesisTools = ['yosys', 'vivado', 'quartus', 'ice40'] as const;
export type SynthesisTool = (typeof synthesisTools)[number];

/** `nzflow synth`. */
export interface SynthesizeOptions {
  readonly buildFolder: string;
  readonly tool: SynthesisTool;
  readonly variants?: readonly VariantName[];
  /** Simulate the netlists of Yosys (`ice40`: those of its bitstreams) against the reference, instead of counting. */
  readonly verifyNetlist?: boolean;
  /** Samples of that; 16 unless given. */
  readonly samples?: number;
}

/** `nzflow report`. */
export interface ReportOptions extends GateOptions {
  readonly buildFolder: string;
}

/** `nzflow diff`. */
export interface DiffOptions {
  /** Paths of report.json, or of build folders. */
  readonly before: string;
  readonly after: string;
  /** Exit code 1 when a figure got worse by more than this share; else it is never 1. */
  readonly allowedRegression?: number;
}

/** How `sparsify` chooses the weights that stay. */
export const sparsifyMethods = ['second-order', 'magnitude'] as const;
export type SparsifyMethod = (typeof sparsifyMethods)[number];

/** Where zeros may be: anywhere, or so that kernels pack into dense ones. */
export const sparsifyPatterns = ['unstructured', 'complementary'] as const;
export type SparsifyPattern = (typeof sparsifyPatterns)[number];

/** Training after zeros are set. */
export interface FinetuneSettings {
  /** `.npy`: training samples, and one class number each. */
  readonly inputs: string;
  readonly labels: string;
  /** Times every sample is seen. */
  readonly epochs: number;
  /** Columns a sample is turned by at most each time it is seen. */
  readonly shift: number;
  /** Noise added each time, as share of the samples' root mean square. */
  readonly noise: number;
}

/** `nzflow sparsify`. */
export interface SparsifyOptions {
  /** Path of the ONNX file; float, not quantised. */
  readonly model: string;
  /** `.npy`: training samples that say which weights matter. */
  readonly calibrate: string;
  /** Use only the first so many of `calibrate`. */
  readonly calibrationSamples?: number;
  /** `.npy`: test samples and their class numbers, to measure the accuracy; both or none. */
  readonly inputs?: string;
  readonly labels?: string;
  /** Use only the first so many of `inputs`. */
  readonly samples?: number;
  /** Share of all weights that stays; instead of `perLayer`. */
  readonly density?: number;
  /** Path of a plan, YAML. */
  readonly perLayer?: string;
  readonly pattern: SparsifyPattern;
  readonly method: SparsifyMethod;
  /** Share of the channels that win behind every ReLU; not with `perLayer`, which says it itself. */
  readonly winnerShare?: number;
  readonly finetune?: FinetuneSettings;
  /** Of everything drawn at random; the same seed gives the same model. */
  readonly seed: number;
  /** File to write. */
  readonly out: string;
}

/** `nzflow explore`. */
export interface ExploreOptions {
  /** Path of `explore.yaml`. */
  readonly definition: string;
  /** File that keeps the trials; beside `definition` unless given. */
  readonly store?: string;
  /** Trials at once; as many as there are processors unless given, at most the search's lag. */
  readonly workers?: number;
  /** Address of a Redis or Valkey server: `nzflow worker` looks at the trials, here and elsewhere. */
  readonly queue?: string;
  /** Port of this machine at which a page follows the search; 0 for any that is free. */
  readonly serve?: number;
}

/** `nzflow worker`. */
export interface ExploreWorkerOptions {
  /** Address of the server. */
  readonly queue: string;
  /** Trials at once; as many as there are processors unless given. */
  readonly workers?: number;
  /** Ends after so long without a search; stays until it is interrupted unless given. */
  readonly idleMinutes?: number;
}

/** What of a search is shown. */
export const exploreViews = ['status', 'best', 'export', 'html'] as const;
export type ExploreView = (typeof exploreViews)[number];

/** `nzflow explore status`, `best`, `export` and `html`. */
export interface ExploreViewOptions extends Omit<ExploreOptions, 'workers' | 'queue' | 'serve'> {
  readonly view: ExploreView;
  /** Of `export`; `csv` unless given. */
  readonly format?: 'csv' | 'json';
  /** File for `export` (the terminal unless given) and `html` (beside the store unless given). */
  readonly out?: string;
}
