import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { suggestion } from '../base/suggest.ts';
import { fail } from '../base/diagnostics.ts';
import type {
  FinetuneSettings,
  SparsifyMethod,
  SparsifyOptions,
  SparsifyPattern,
} from '../options.ts';
import { sparsifyMethods, sparsifyPatterns } from '../options.ts';
import { nonEmpty, positiveInteger } from './option-values.ts';

/** Options as commander hands them over, parsed. */
interface SparsifyFlags {
  readonly calibrate?: string;
  readonly calibrationSamples?: number;
  readonly inputs?: string;
  readonly labels?: string;
  readonly samples?: number;
  readonly density?: number;
  readonly perLayer?: string;
  readonly pattern?: SparsifyPattern;
  readonly method?: SparsifyMethod;
  readonly kwta?: number;
  readonly finetune?: readonly string[];
  readonly epochs?: number;
  readonly shift?: number;
  readonly noise?: number;
  readonly seed?: number;
  readonly out?: string;
  readonly json?: boolean;
}

const defaults = { epochs: 10, shift: 0, noise: 0.1, seed: 1 } as const;

/**
 * Adds `nzflow sparsify` to the program. It comes before the pipeline and shares none of its settings,
 * so `nzflow.yaml` does not know it.
 */
export function addSparsifyCommand(
  program: Command,
  run: (options: SparsifyOptions, json: boolean) => Promise<void>,
): void {
  const command = program
    .command('sparsify')
    .description('Zeros for weights, and k-WTA, in a dense network: writes another ONNX model.')
    .argument('[model.onnx]', 'the trained network, in float');
  for (const option of sparsifyOptions()) command.addOption(option);
  command.addHelpText(
    'after',
    `
Examples:
  $ nzflow sparsify model.onnx --calibrate c.npy --density 0.1 -o sparse.onnx
  $ nzflow sparsify model.onnx --calibrate c.npy --inputs x.npy --labels y.npy \\
      --density 0.1 --pattern complementary --finetune train.npy train-labels.npy -o sparse.onnx
  $ nzflow sparsify model.onnx --calibrate c.npy --per-layer plan.yaml -o sparse.onnx

A plan names layers as \`nzflow inspect\` does; those it does not name keep their weights:
  layers:
    conv1: { setSize: 2, kwta: 6 }
    conv2: { setSize: 16, kwta: 8 }
    linear1: { density: 0.05 }`,
  );
  command.action(async (model: unknown) => {
    const flags = command.optsWithGlobals<SparsifyFlags>();
    const path = typeof model === 'string' ? model : undefined;
    await run(sparsifyOptionsOf(path, flags), flags.json ?? false);
  });
}

function sparsifyOptions(): readonly Option[] {
  return [
    new Option('--calibrate <c.npy>', 'training samples that say which weights matter').argParser(
      nonEmpty,
    ),
    new Option(
      '--calibration-samples <n>',
      'use only the first n of them (default: all)',
    ).argParser(positiveInteger),
    new Option('--inputs <x.npy>', 'test samples, to measure the accuracy').argParser(nonEmpty),
    new Option('--labels <y.npy>', 'class numbers of the test samples').argParser(nonEmpty),
    new Option('--samples <n>', 'use only the first n test samples (default: all)').argParser(
      positiveInteger,
    ),
    new Option('--density <share>', 'share of all weights that stays, 0 to 1').argParser(density),
    new Option('--per-layer <plan.yaml>', 'what is to become of each layer').argParser(nonEmpty),
    new Option(
      '--pattern <name>',
      'unstructured, or complementary: kernels in sets without overlap (default: unstructured)',
    ).argParser((text) => oneOf(text, sparsifyPatterns)),
    new Option(
      '--method <name>',
      'second-order or magnitude: how weights are chosen (default: second-order)',
    ).argParser((text) => oneOf(text, sparsifyMethods)),
    new Option('--kwta <share>', 'k-WTA behind every ReLU, with this share of winners').argParser(
      winnerShare,
    ),
    new Option(
      '--finetune <files...>',
      'two files, training samples and their labels: train the weights that stay',
    ),
    new Option(
      '--epochs <n>',
      `times every training sample is seen (default: ${defaults.epochs})`,
    ).argParser(positiveInteger),
    new Option(
      '--shift <n>',
      `columns a training sample is turned by at most (default: ${defaults.shift})`,
    ).argParser(wholeNumber),
    new Option(
      '--noise <share>',
      `noise on training samples, as share of their size (default: ${defaults.noise})`,
    ).argParser(noiseShare),
    new Option('--seed <n>', `of everything drawn at random (default: ${defaults.seed})`).argParser(
      wholeNumber,
    ),
    new Option('-o, --out <sparse.onnx>', 'file to write (needed)').argParser(nonEmpty),
    new Option('--json', 'machine-readable result on stdout, everything else on stderr'),
  ];
}

/** Checks what commander cannot: what is needed, and what does not go together. Throws `UserError`. */
function sparsifyOptionsOf(model: string | undefined, flags: SparsifyFlags): SparsifyOptions {
  const { calibrate, out, density: share, perLayer, inputs, labels, kwta } = flags;
  if (model === undefined) {
    fail('usage/no-model', 'no model is given', { remedy: 'give the path of an ONNX file' });
  }
  if (calibrate === undefined) {
    fail('usage/no-calibration', 'no calibration samples are given', {
      place: '--calibrate',
      remedy: 'add --calibrate <c.npy> with some hundred training samples',
    });
  }
  if (out === undefined) {
    fail('usage/no-out', 'no file to write is given', { remedy: 'add --out <sparse.onnx>' });
  }
  if ((share === undefined) === (perLayer === undefined)) {
    fail('usage/density', 'what is to become sparse is told once', {
      place: '--density',
      remedy: 'give --density <share> for the whole network, or --per-layer <plan.yaml>',
    });
  }
  if (perLayer !== undefined && kwta !== undefined) {
    fail('usage/two-kwta', 'a plan says itself where k-WTA goes', {
      place: '--kwta',
      remedy: 'leave --kwta out, and write kwta behind layers of the plan',
    });
  }
  if ((inputs === undefined) !== (labels === undefined)) {
    fail('usage/inputs-and-labels', 'test samples and their labels go together', {
      place: inputs === undefined ? '--labels' : '--inputs',
      remedy: 'give both --inputs <x.npy> and --labels <y.npy>, or none',
    });
  }
  return {
    model,
    calibrate,
    out,
    pattern: flags.pattern ?? 'unstructured',
    method: flags.method ?? 'second-order',
    seed: flags.seed ?? defaults.seed,
    ...(flags.calibrationSamples === undefined
      ? {}
      : { calibrationSamples: flags.calibrationSamples }),
    ...(inputs === undefined ? {} : { inputs }),
    ...(labels === undefined ? {} : { labels }),
    ...(flags.samples === undefined ? {} : { samples: flags.samples }),
    ...(share === undefined ? {} : { density: share }),
    ...(perLayer === undefined ? {} : { perLayer }),
    ...(kwta === undefined ? {} : { winnerShare: kwta }),
    ...(flags.finetune === undefined ? {} : { finetune: finetuneOf(flags.finetune, flags) }),
  };
}

function finetuneOf(files: readonly string[], flags: SparsifyFlags): FinetuneSettings {
  const [inputs, labels] = files;
  if (files.length !== 2 || inputs === undefined || labels === undefined) {
    return fail('usage/finetune', `it needs two files, ${files.length} are given`, {
      place: '--finetune',
      remedy: '--finetune <training samples.npy> <their labels.npy>, the model before it',
    });
  }
  return {
    inputs,
    labels,
    epochs: flags.epochs ?? defaults.epochs,
    shift: flags.shift ?? defaults.shift,
    noise: flags.noise ?? defaults.noise,
  };
}

function density(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0) || value > 1) {
    throw new InvalidArgumentError('It needs a number over 0 and up to 1, for example 0.1.');
  }
  return value;
}

function winnerShare(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0) || value >= 1) {
    throw new InvalidArgumentError('It needs a share between 0 and 1, for example 0.1.');
  }
  return value;
}

function noiseShare(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0) || value > 10) {
    throw new InvalidArgumentError('It needs a number from 0 to 10, for example 0.1.');
  }
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 0xffffffff) {
    throw new InvalidArgumentError('It needs a whole number from 0 to 4294967295.');
  }
  return value;
}

function oneOf<Name extends string>(text: string, names: readonly Name[]): Name {
  const found = names.find((name) => name === text);
  if (found === undefined) {
    throw new InvalidArgumentError(`Unknown name: ${suggestion(text, names)}`);
  }
  return found;
}
