import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { processTerminal } from '../../src/cli/terminal.ts';
import { terminalProgress } from '../../src/cli/terminal-progress.ts';
import { readBoard } from '../../src/read/board.ts';
import { textHead, textRow } from '../text-table.ts';
import type { TextColumn } from '../text-table.ts';
import { figures } from './figures.ts';
import { kernelsPage, tablesPage } from './page.ts';
import { kernelNames, overDense, rowOf } from './ratios.ts';
import { runStudy } from './study.ts';
import type { Row, Study } from './study.ts';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));
const build = fileURLToPath(new URL('../../build/kernels', import.meta.url));
const resultFile = join(build, 'results.json');
const board = 'alveo-u250';

/** Runs the study (or takes the results of the last run) and writes tables and figures to docs/. */
export async function kernelStudy(command: string | undefined): Promise<number> {
  if (command !== undefined && command !== 'draw') {
    console.error(`unknown command ${command}: draw, or none`);
    return 2;
  }
  const study = command === 'draw' ? await stored() : await fresh();
  if (study === null) return 130;
  await write(study);
  summary(study);
  const simulated = study.rows.flatMap(({ verified }) => verified ?? []);
  const exact = simulated.filter((one) => one.exact).length;
  console.log(
    `\n${exact} of ${simulated.length} designs simulated in RTL: every sum and value, every cycle as predicted`,
  );
  return exact === simulated.length ? 0 : 1;
}

async function stored(): Promise<Study> {
  return JSON.parse(await readFile(resultFile, 'utf8')) as Study;
}

/** Null when the user interrupts it. */
async function fresh(): Promise<Study | null> {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort(new Error('interrupted')));
  const progress = terminalProgress(processTerminal());
  try {
    const study = await runStudy(await readBoard(board), progress, controller.signal);
    await mkdir(build, { recursive: true });
    await writeFile(resultFile, `${JSON.stringify(study, null, 1)}\n`);
    return study;
  } catch (error) {
    progress.abandon();
    if (controller.signal.aborted) return null;
    throw error;
  }
}

async function write(study: Study): Promise<void> {
  for (const [name, markup] of figures(study)) await writeFile(join(docs, name), markup);
  const pages = [
    ['kernels.md', kernelsPage(study)],
    ['kernels-table.md', tablesPage(study)],
  ] as const;
  for (const [name, text] of pages) {
    const filepath = join(docs, name);
    const style = await resolveConfig(filepath);
    await writeFile(filepath, await format(text, { ...style, filepath }));
  }
}

const columns: readonly TextColumn<Row>[] = [
  ['kernel', -46, ({ kernel }) => kernel],
  ['equal', -11, ({ comparison }) => comparison],
  ['variant', -13, ({ variant }) => variant],
  ['weights', 7, ({ weights }) => `1/${weights}`],
  ['cycles', 10, ({ interval }) => interval.toFixed(1)],
  ['units', 6, ({ copies }) => String(copies)],
  ['LUT', 8, ({ resources }) => String(resources.lut)],
  ['DSP', 5, ({ resources }) => String(resources.dsp)],
  ['BRAM36', 7, ({ resources }) => String(resources.bram36)],
  ['µJ', 8, ({ energy }) => energy.nominal.toPrecision(3)],
];

/** The headline, and every kernel at one weight and one activation in eight. */
function summary(study: Study): void {
  const ratio: TextColumn<Row> = ['to dense', 8, (row) => `${overDense(study, row).toFixed(2)}x`];
  const all = [...columns, ratio];
  console.log(textHead(all));
  const rows = study.rows.filter(({ comparison }) => comparison === 'headline');
  for (const kernel of kernelNames) {
    for (const comparison of ['multipliers', 'board'] as const) {
      for (const variant of ['dense', 'sparse-dense', 'sparse-sparse'] as const) {
        const row = rowOf(study, { kernel, comparison, variant, weights: 8, activations: 8 });
        if (row !== undefined) rows.push(row);
      }
    }
  }
  for (const row of rows) console.log(textRow(all, row));
}
