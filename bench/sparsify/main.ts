import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { silentProgress } from '../../src/base/progress.ts';
import { runModel, sparsifyModel } from '../../src/compile.ts';
import type { Host } from '../../src/options.ts';
import type { Sparsification } from '../../src/report/sparsification.ts';
import { calibrationSamples, subjects, test, training } from './cases.ts';
import type { SparsifyCase, SparsifySubject } from './cases.ts';

const folder = 'build/sparsify';

/** Samples that `nzflow run` verifies of each result. */
const verifiedSamples = 2;

const host: Host = {
  progress: {
    ...silentProgress,
    note: (text) => process.stderr.write(`${text}\n`),
  },
  signal: new AbortController().signal,
};

/** Prints a table for each network named in `words`, or for all. */
export async function benchSparsify(words: readonly string[]): Promise<void> {
  const named = words.filter((word) => !word.startsWith('--'));
  for (const subject of subjects) {
    const wanted = (index: number): boolean =>
      named.length === 0 ||
      named.includes(subject.name) ||
      named.includes(`${subject.name}:${index}`);
    if (subject.cases.some((_, index) => wanted(index))) {
      await benchSubject(subject, wanted, {
        verifies: words.includes('--run'),
        trains: !words.includes('--untrained'),
      });
    }
  }
}

async function benchSubject(
  subject: SparsifySubject,
  wanted: (index: number) => boolean,
  { verifies, trains }: { readonly verifies: boolean; readonly trains: boolean },
): Promise<void> {
  process.stdout.write(`\n${subject.name} (${subject.folder}):\n\n${head()}`);
  for (const [index, given] of subject.cases.entries()) {
    if (!wanted(index)) continue;
    const one = { ...given, isTrained: given.isTrained && trains };
    const begun = performance.now();
    const result = await sparsify(subject, one, index);
    process.stdout.write(rows(one, result));
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    process.stderr.write(`${subject.name}, ${one.options.method}, ${one.name}: ${seconds} s\n`);
    if (verifies) await verify(result.out);
  }
}

async function sparsify(
  subject: SparsifySubject,
  { options, plan, isTrained }: SparsifyCase,
  index: number,
): Promise<Sparsification> {
  await mkdir(folder, { recursive: true });
  const stem = join(folder, `${subject.name}-${index}`);
  if (plan !== null) await writeFile(`${stem}.yaml`, plan);
  const outcome = await sparsifyModel(
    {
      model: join(subject.folder, 'model.onnx'),
      calibrate: training.inputs,
      calibrationSamples,
      ...test,
      ...options,
      ...(plan === null ? {} : { perLayer: `${stem}.yaml` }),
      ...(isTrained ? { finetune: training } : {}),
      seed: 1,
      out: `${stem}.onnx`,
    },
    host,
  );
  return outcome.data as Sparsification;
}

/** Throws where Verilog and reference differ. Other variants would show nothing of the network: they have its zeros as weights. */
async function verify(model: string): Promise<void> {
  const outcome = await runModel(
    {
      model,
      board: 'alveo-u250',
      variants: ['sparse-sparse'],
      inputs: test.inputs,
      labels: test.labels,
      calibrate: training.inputs,
      samples: verifiedSamples,
      out: model.replace('.onnx', ''),
      requireFit: false,
      trace: false,
      hashCheck: true,
    },
    host,
  );
  if (outcome.exitCode !== 0) throw new Error(`${model}: nzflow run ends with ${outcome.exitCode}`);
  process.stderr.write(`${model}: bit-exact\n`);
}

function head(): string {
  const titles = [
    'zeros',
    'chosen by',
    'weights left',
    'products',
    'error of sums, by layer',
    'accuracy',
    'from dense',
    'seconds',
  ];
  return `| ${titles.join(' | ')} |\n| ${titles.map(() => '---').join(' | ')} |\n`;
}

/** One line before training, another after it; k-WTA alone has a line of its own. */
function rows({ name, options }: SparsifyCase, result: Sparsification): string {
  const { accuracy, weights, products, seconds, layers } = result;
  if (accuracy === null) throw new Error('test samples are given');
  const errors = layers.flatMap(({ error }) => (error === null ? [] : [percent(error.sums)]));
  const line = (
    how: string,
    share: number,
    { left, error, time }: { left: string; error: string; time: string },
  ): string => {
    const lost = `${((share - accuracy.dense) * 100).toFixed(1)}`;
    const cells = [name, how, percent(weights.nonZero / weights.total), left, error];
    return `| ${[...cells, percent(share), lost, time].join(' | ')} |\n`;
  };
  const left = `${(products.dense / products.left).toFixed(1)}× fewer`;
  const trained = accuracy.finetuned !== null;
  const pruned = {
    left: trained ? '' : left,
    error: errors.join(', '),
    time: seconds.pruning.toFixed(0),
  };
  return [
    accuracy.winnersAlone === null
      ? ''
      : `| k-WTA and nothing else | | 100 % | | | ${percent(accuracy.winnersAlone)} | ${(
          (accuracy.winnersAlone - accuracy.dense) *
          100
        ).toFixed(1)} | |\n`,
    line(options.method, accuracy.pruned, pruned),
    accuracy.finetuned === null
      ? ''
      : line(`${options.method}, trained`, accuracy.finetuned, {
          left,
          error: '',
          time: (seconds.training ?? 0).toFixed(0),
        }),
  ].join('');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
