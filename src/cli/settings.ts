import type { Command } from 'commander';
import { fail } from '../base/diagnostics.ts';
import type { VariantName } from '../ir/variant.ts';
import { variantNames } from '../ir/variant.ts';
import type {
  AxiOptions,
  CompileOptions,
  DataOptions,
  DiffOptions,
  GateOptions,
  InspectOptions,
  KwtaRule,
  ReportOptions,
  Optimization,
  RunOptions,
  SimulateOptions,
  SimulationOptions,
  SynthesisTool,
  SynthesizeOptions,
  WeightMode,
  WeightsOptions,
} from '../options.ts';
import type { Config } from '../read/config-schema.ts';
import { readConfig } from '../read/config.ts';
import { parseExpectations } from '../read/expectation.ts';

/** Options as commander hands them over, parsed; the same names as in `nzflow.yaml` but `clock`. */
interface Flags {
  readonly board?: string;
  readonly inputs?: string;
  readonly labels?: string;
  readonly calibrate?: string;
  readonly variants?: readonly VariantName[];
  readonly samples?: number;
  readonly kwta?: KwtaRule;
  readonly weights?: WeightMode;
  readonly axi?: AxiOptions;
  readonly shell?: boolean;
  readonly weightImage?: string;
  readonly targetThroughput?: number;
  readonly targetLatencyUs?: number;
  readonly optimize?: Optimization;
  readonly clock?: number;
  readonly out?: string;
  readonly requireFit?: boolean;
  readonly expect?: readonly string[];
  readonly junit?: string;
  readonly summary?: string;
  readonly maxRegression?: number;
  readonly trace?: boolean;
  readonly activity?: number;
  readonly gapSeed?: readonly number[];
  readonly hashCheck?: boolean;
  readonly layers?: boolean;
  readonly layer?: readonly string[];
  readonly resume?: boolean;
  readonly tool?: SynthesisTool;
  readonly verifyNetlist?: boolean;
  readonly json?: boolean;
  readonly config?: string;
}

/** What was asked for, on the command line or else in the configuration file. */
export type Settings = Config;

/** Merges the command line over the file named by `--config`. */
export async function readSettings(command: Command, argument: Partial<Config>): Promise<Settings> {
  const flags = command.optsWithGlobals<Flags>();
  const { config: file, clock, ...named } = flags;
  const config = file === undefined ? {} : await readConfig(file);
  const said = Object.entries({ ...named, clockMHz: clock, ...argument }).filter(([key, value]) => {
    // commander sets defaults (`--no-…` options are true by default): only what was typed counts.
    const source = command.getOptionValueSourceWithGlobals(key);
    return value !== undefined && source !== 'default';
  });
  return { ...config, ...Object.fromEntries(said) };
}

export function inspectOptions(settings: Settings): InspectOptions {
  if (settings.model === undefined) {
    fail('usage/no-model', 'no model is given', {
      remedy: 'give the path of an ONNX file, as argument or as `model` in the configuration file',
    });
  }
  return { model: settings.model, ...optional('kwta', settings.kwta), ...dataOptions(settings) };
}

export function compileOptions(settings: Settings): CompileOptions {
  const options = inspectOptions(settings);
  if (settings.board === undefined) {
    fail('usage/no-board', 'no board is given', {
      remedy: 'add --board <name>; `nzflow boards` lists them',
    });
  }
  if (settings.targetThroughput !== undefined && plansLatency(settings)) {
    fail('usage/two-targets', 'a design is planned for its throughput or for its latency', {
      place: '--target-throughput',
      remedy:
        'leave it out, or --target-latency and --optimize latency: those plan one copy, whose throughput is what comes of it',
    });
  }
  if (settings.shell === true && settings.weights === 'loadable') {
    fail('usage/shell-loadable', 'a kernel has its weights inside', {
      place: '--shell',
      remedy: 'leave out --weights loadable, or --shell',
    });
  }
  return {
    ...options,
    board: settings.board,
    variants: settings.variants ?? variantNames,
    ...optional('targetThroughput', settings.targetThroughput),
    ...optional('targetLatencyUs', settings.targetLatencyUs),
    ...optional('optimize', settings.optimize),
    ...optional('clockMHz', settings.clockMHz),
    ...optional('weights', settings.weights),
    ...optional('axi', settings.axi ?? (settings.shell === true ? kernelInterfaces : undefined)),
    ...optional('shell', settings.shell),
    out: settings.out ?? defaultOut(options.model),
    requireFit: settings.requireFit ?? false,
  };
}

/** Streams as wide as the memory ports of a card. */
const kernelInterfaces: AxiOptions = { dataBits: 512 };

function plansLatency({ targetLatencyUs, optimize }: Settings): boolean {
  return targetLatencyUs !== undefined || optimize === 'latency';
}

export function runOptions(settings: Settings): RunOptions {
  const options = compileOptions(settings);
  return { ...options, ...simulationOptions(settings), ...gateOptions(settings, options.variants) };
}

export function simulateOptions(settings: Settings): SimulateOptions {
  const layers = settings.layers === true || settings.layer !== undefined;
  if (layers && settings.trace === true) {
    fail('usage/trace-of-layers', 'waves are recorded of whole designs only', {
      place: '--trace',
      remedy: 'leave out --layers and --layer, or --trace',
    });
  }
  if (layers && settings.activity !== undefined) {
    fail('usage/activity-of-layers', 'switching activity is recorded of whole designs only', {
      place: '--activity',
      remedy: 'leave out --layers and --layer, or --activity',
    });
  }
  if (settings.resume === true && !layers) {
    fail('usage/resume-without-layers', 'only layers alone are resumed', {
      place: '--resume',
      remedy: 'add --layers, or leave out --resume: a whole design is always run again',
    });
  }
  return {
    buildFolder: buildFolder(settings),
    ...optional('variants', settings.variants),
    ...optional('samples', settings.samples),
    ...optional('weightFolder', settings.weightImage),
    ...(layers ? { layers } : {}),
    ...optional('layerNames', settings.layer),
    ...optional('resume', settings.resume),
    ...optional('activity', settings.activity),
    ...simulationOptions(settings),
  };
}

export function weightsOptions(settings: Settings): WeightsOptions {
  if (settings.buildDir === undefined) {
    fail('usage/no-build-folder', 'no build folder is given', {
      remedy: 'give the folder that `nzflow compile --weights loadable` wrote, then the model',
    });
  }
  const options = inspectOptions(settings);
  if (settings.out === undefined) {
    fail('usage/no-out', 'no folder for the weights is given', { remedy: 'add --out <dir>' });
  }
  return {
    ...options,
    buildFolder: settings.buildDir,
    ...optional('variants', settings.variants),
    out: settings.out,
  };
}

export function synthesizeOptions(settings: Settings): SynthesizeOptions {
  if (settings.tool === undefined) {
    fail('usage/no-tool', 'no synthesis tool is given', {
      remedy: 'add --tool yosys, vivado, quartus or ice40',
    });
  }
  if (settings.verifyNetlist === true && settings.tool !== 'yosys' && settings.tool !== 'ice40') {
    fail('usage/verify-netlist', 'only netlists of Yosys are verified', {
      place: '--verify-netlist',
      remedy: 'use --tool yosys or ice40, or leave it out',
    });
  }
  return {
    buildFolder: buildFolder(settings),
    tool: settings.tool,
    ...optional('variants', settings.variants),
    ...optional('verifyNetlist', settings.verifyNetlist),
    ...optional('samples', settings.samples),
  };
}

export function reportOptions(settings: Settings): ReportOptions {
  return { buildFolder: buildFolder(settings), ...gateOptions(settings, variantNames) };
}

export function diffOptions({ oldReport, newReport, maxRegression }: Settings): DiffOptions {
  if (oldReport === undefined || newReport === undefined) {
    fail('usage/no-reports', 'two reports are needed', {
      remedy: 'give two report.json, or the build folders they are in: the old one first',
    });
  }
  return {
    before: oldReport,
    after: newReport,
    ...optional('allowedRegression', maxRegression === undefined ? undefined : maxRegression / 100),
  };
}

/** `variants`: those that there can be. */
function gateOptions(settings: Settings, variants: readonly VariantName[]): GateOptions {
  const texts = typeof settings.expect === 'string' ? [settings.expect] : (settings.expect ?? []);
  const expectations = texts.flatMap(parseExpectations);
  for (const { text, variant } of expectations) {
    if (variant === null || variants.includes(variant)) continue;
    fail('usage/expectation', `"${text}" is about a variant that is not built`, {
      place: '--expect',
      remedy: `add ${variant} to --variants, or leave the expectation out`,
    });
  }
  return {
    ...optional('expect', expectations.length === 0 ? undefined : expectations),
    ...optional('junit', settings.junit),
    ...optional('summary', settings.summary),
  };
}

function dataOptions(settings: Settings): DataOptions {
  if (settings.labels !== undefined && settings.inputs === undefined) {
    fail('usage/labels-without-inputs', 'labels are given but no inputs', {
      place: '--labels',
      remedy: 'add --inputs <x.npy> with the samples the labels belong to',
    });
  }
  return {
    ...optional('inputs', settings.inputs),
    ...optional('labels', settings.labels),
    ...optional('calibrate', settings.calibrate),
    ...optional('samples', settings.samples),
  };
}

function simulationOptions(settings: Settings): SimulationOptions {
  return {
    trace: settings.trace ?? false,
    ...optional('gapSeeds', gapSeeds(settings.gapSeed)),
    hashCheck: settings.hashCheck ?? true,
  };
}

function gapSeeds(seed: Settings['gapSeed']): readonly number[] | undefined {
  return typeof seed === 'number' ? [seed] : seed;
}

function buildFolder(settings: Settings): string {
  const folder = settings.buildDir ?? settings.out;
  if (folder === undefined) {
    fail('usage/no-build-folder', 'no build folder is given', {
      remedy: 'give the folder that `nzflow run` or `nzflow compile` wrote (its --out)',
    });
  }
  return folder;
}

/** `models/keyword.onnx` builds into `build/keyword`, `examples/tiny-cnn/model.onnx` into `build/tiny-cnn`. */
function defaultOut(model: string): string {
  const parts = model.split(/[/\\]/).filter((part) => part !== '' && part !== '.' && part !== '..');
  const file = (parts.at(-1) ?? 'model').replace(/\.onnx$/i, '');
  const name = file === 'model' ? (parts.at(-2) ?? file) : file;
  return `build/${name}`;
}

function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value };
function optional(key: string, value: unknown): object {
  return value === undefined ? {} : { [key]: value };
}
