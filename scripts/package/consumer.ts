// A project that uses nzflow as a library, type-checked against the package as it is installed:
// scripts/check-package.mjs.

import {
  exitCodes,
  inspectModel,
  listBoards,
  parseReport,
  readBoard,
  reportJsonSchema,
  runModel,
  silentProgress,
  UserError,
  variantNames,
} from 'nzflow';
import type {
  Board,
  CompileOptions,
  Diagnostic,
  ExitCode,
  Expectation,
  Host,
  Inspection,
  Outcome,
  Plan,
  Progress,
  Report,
  RunOptions,
  VariantName,
} from 'nzflow';

const progress: Progress = silentProgress;
const host: Host = { progress, signal: new AbortController().signal };
const [model = '', inputs = ''] = process.argv.slice(2);

const compile: CompileOptions = {
  model,
  inputs,
  samples: 2,
  board: 'zcu104',
  variants: variantNames satisfies readonly VariantName[],
  targetThroughput: 20_000,
  out: 'unused',
  requireFit: false,
};
export const run: RunOptions = { ...compile, trace: false, hashCheck: true };
export const verify: (options: RunOptions, host: Host) => Promise<Outcome> = runModel;

/** Names that a program may use. */
export interface Uses {
  readonly plan: Plan;
  readonly expectation: Expectation;
}

/** Places of what is wrong, as a program would show them. */
export function placesOf(error: unknown): readonly string[] {
  if (!(error instanceof UserError)) throw error;
  const code: ExitCode = error.exitCode;
  const told: readonly Diagnostic[] = error.diagnostics;
  return code === exitCodes.badInput ? told.map(({ place }) => place ?? '') : [];
}

/** The variants that a report has. */
export function variantsOf(text: string): readonly string[] {
  const report: Report = parseReport(JSON.parse(text), 'report.json');
  return Object.keys(report.variants);
}

const names: readonly string[] = (await listBoards()).map(({ name }) => name);
const board: Board = await readBoard('zcu104');
const outcome = await inspectModel({ model, inputs, samples: 2 }, host);
const inspection = outcome.data as Inspection;
const schema: object = reportJsonSchema();
console.log(
  `${String(names.includes(board.name))} ${String(inspection.layers.length)} ${typeof schema}`,
);
