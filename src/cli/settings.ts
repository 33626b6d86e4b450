import type { Command } from 'commander';
import { fail } from '../base/diagnostics.ts';
import type { VariantName } from '../ir/variant.ts';
import { variantNames } from '../ir/variant.ts';
import type {
  CompileOptions,
  DataOptions,
  InspectOptions,
  KwtaRule,
  ReportOptions,
  RunOptions,
  SimulateOptions,
  SimulationOptions,
  SynthesisTool,
  SynthesizeOptions,
} from '../options.ts';
import type { Config } from '../read/config-schema.ts';
import { readConfig } from '../read/config.ts';

/** Options as commander hands them over, parsed; the same names as in `nzflow.yaml` but `clock`. */
interface Flags {
  readonly board?: string;
  readonly inputs?: string;
  readonly labels?: string;
  readonly calibrate?: string;
  readonly variants?: readonly VariantName[];
  readonly samples?: number;
  readonly kwta?: KwtaRule;
  readonly targetThroughput?: number;
  readonly clock?: number;
  readonly out?: string;
  readonly requireFit?: boolean;
  readonly trace?: boolean;
  readonly gapSeed?: readonly number[];
  readonly hashCheck?: boolean;
  readonly tool?: SynthesisTool;
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
  return {
    ...options,
    board: settings.board,
    variants: settings.variants ?? variantNames,
    ...optional('targetThroughput', settings.targetThroughput),
    ...optional('clockMHz', settings.clockMHz),
    out: settings.out ?? defaultOut(options.model),
    requireFit: settings.requireFit ?? false,
  };
}

export function runOptions(settings: Settings): RunOptions {
  return { ...compileOptions(settings), ...simulationOptions(settings) };
}

export function simulateOptions(settings: Settings): SimulateOptions {
  return {
    buildFolder: buildFolder(settings),
    ...optional('variants', settings.variants),
    ...optional('samples', settings.samples),
    ...simulationOptions(settings),
  };
}

export function synthesizeOptions(settings: Settings): SynthesizeOptions {
  if (settings.tool === undefined) {
    fail('usage/no-tool', 'no synthesis tool is given', { remedy: 'add --tool yosys' });
  }
  if (settings.tool !== 'yosys') {
    fail('usage/tool-not-available', `synthesis with ${settings.tool} is not available yet`, {
      place: '--tool',
      remedy:
        'use --tool yosys; the Verilog in <build-dir>/<variant>/hdl loads in other tools as it is',
    });
  }
  return {
    buildFolder: buildFolder(settings),
    tool: settings.tool,
    ...optional('variants', settings.variants),
  };
}

export function reportOptions(settings: Settings): ReportOptions {
  return { buildFolder: buildFolder(settings) };
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
