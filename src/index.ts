/** nzflow as a library: the commands as functions, and the types of what they take and give. */
export {
  compileModel,
  diffBuilds,
  inspectModel,
  reportBuild,
  runModel,
  simulateBuild,
  sparsifyModel,
  synthesizeBuild,
  writeModelWeights,
} from './compile.ts';
export type { Diagnostic, ExitCode } from './base/diagnostics.ts';
export { UserError, exitCodes } from './base/diagnostics.ts';
export type { Progress } from './base/progress.ts';
export { silentProgress } from './base/progress.ts';
export type { Board } from './ir/board.ts';
export type { Expectation } from './ir/expectation.ts';
export type { Plan } from './ir/plan.ts';
export type { VariantName } from './ir/variant.ts';
export { variantNames } from './ir/variant.ts';
export type {
  CompileOptions,
  DataOptions,
  DiffOptions,
  GateOptions,
  Host,
  InspectOptions,
  Outcome,
  ReportOptions,
  RunOptions,
  SimulateOptions,
  SimulationOptions,
  SparsifyOptions,
  SynthesizeOptions,
  WeightMode,
  WeightsOptions,
} from './options.ts';
export { listBoards, readBoard } from './read/board.ts';
export type { Inspection } from './report/inspection.ts';
export type { Sparsification } from './report/sparsification.ts';
export type { Report } from './report/schema.ts';
export { parseReport, reportJsonSchema } from './report/schema.ts';
