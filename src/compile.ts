import { join } from 'node:path';
import { exitCodes, fail } from './base/diagnostics.ts';
import { buildFolder, studyNetwork } from './compile/build-folder.ts';
import { chosenPlans } from './compile/chosen-plans.ts';
import { compareReports } from './compile/compare-reports.ts';
import { describeLayers, totalMacs } from './compile/describe-network.ts';
import { checkGateFiles, tellFailure, writeGateFiles } from './compile/gate-files.ts';
import { implementVariants } from './compile/implement-variants.ts';
import { failedLogs, keepLogs } from './compile/keep-logs.ts';
import {
  buildOutcome,
  layerwiseOutcome,
  reportExitCode,
  simulationOutcome,
} from './compile/outcomes.ts';
import { simulateLayers } from './compile/simulate-layers.ts';
import { simulateVariants } from './compile/simulate-variants.ts';
import { bitstreamVariants } from './compile/bitstream-variants.ts';
import { synthesizeVariants } from './compile/synthesize-variants.ts';
import { verifyNetlists } from './compile/verify-netlists.ts';
import { checkStructures, weightsFolder } from './compile/weights-folder.ts';
import { reportFiles, writeReport } from './compile/write-report.ts';
import { fitOf } from './estimate/fit.ts';
import { variantNames } from './ir/variant.ts';
import type {
  CompileOptions,
  DiffOptions,
  Host,
  InspectOptions,
  Outcome,
  ReportOptions,
  RunOptions,
  SimulateOptions,
  SynthesizeOptions,
  WeightsOptions,
} from './options.ts';
import { planResources } from './plan/resources/plan-resources.ts';
import type { Inspection } from './report/inspection.ts';
import { formatInspection } from './report/inspection.ts';
import type { Report } from './report/schema.ts';
import { readNetwork, referenceFolder } from './report/stored-network.ts';
import { formatReport } from './report/terminal.ts';
import { quartusTool } from './synthesize/quartus/tool.ts';
import { vivadoTool } from './synthesize/vivado/tool.ts';
import { openStaging, unlessUnwritable } from './simulate/staging.ts';
import { requireTools, simulationTools } from './simulate/tools.ts';

/** Everything a build folder may hold; a new build replaces all of it. */
const buildNames: readonly string[] = [...variantNames, referenceFolder, ...reportFiles];

/** Columns of the tables for the terminal. */
const textWidth = 100;

export { sparsifyModel } from './compile/sparsify-model.ts';

/** `nzflow run`: build, simulate, report. The build folder changes only when all of it is there. */
export async function runModel(options: RunOptions, host: Host): Promise<Outcome> {
  const { model, inputs, labels, calibrate, out } = options;
  await checkGateFiles(options, [model, inputs, labels, calibrate, ...reportPaths(out)]);
  const report = await tellFailure(options, model, async () => {
    await requireTools(simulationTools);
    return inStaging(options.out, host, async (folder) => {
      const { network, variants } = await buildFolder(folder, options, host);
      const plans = variants.filter(({ fits }) => fits).map((variant) => variant.network.plan);
      const folders = { design: folder, data: folder };
      if (plans.length > 0) await simulateVariants(folders, network, plans, options, host);
      host.progress.phase('writing the report');
      return writeReport(folder, options.expect);
    });
  });
  await writeGateFiles(report, options, options.requireFit);
  return reportOutcome(report, options.out, options.requireFit);
}

/** `nzflow compile`: the designs, and the data to verify them with. */
export async function compileModel(options: CompileOptions, host: Host): Promise<Outcome> {
  return inStaging(options.out, host, async (folder) => {
    const build = await buildFolder(folder, options, host);
    return buildOutcome(build, options.out, options.requireFit);
  });
}

/** `nzflow inspect`. */
export async function inspectModel(options: InspectOptions, host: Host): Promise<Outcome> {
  const facts = await studyNetwork(options, host);
  const { network, quantization, reference } = facts;
  const layers = describeLayers(facts, null);
  const inspection: Inspection = {
    model: network.model,
    operators: network.operators,
    hostOperators: network.graph.hostOperators,
    samples: network.inputs.count,
    accuracy: reference.accuracy,
    layers,
    macs: totalMacs(layers),
    notes: quantization.graph.notes,
    warnings: network.warnings,
  };
  return { exitCode: 0, text: formatInspection(inspection), data: inspection };
}

/** `nzflow simulate`: verifies an existing build again; changes nothing but `sim/` folders. */
export async function simulateBuild(options: SimulateOptions, host: Host): Promise<Outcome> {
  await requireTools(simulationTools);
  const design = options.buildFolder;
  const folder = options.weightFolder ?? design;
  const network = await readNetwork(folder);
  const plans = await chosenPlans(folder, network, options.variants);
  if (folder !== design) await checkStructures(design, folder, plans);
  // One that does not fit is simulated only when it is named: it can be of any size.
  const wanted =
    options.variants === undefined && options.layers !== true
      ? plans.filter(
          (plan) => fitOf(planResources(plan, network.board.family).total, network.board).fits,
        )
      : plans;
  if (wanted.length === 0) {
    fail('build/nothing-fits', 'no variant of the build fits the board', {
      place: folder,
      remedy: 'name variants with --variants to simulate them all the same',
      exitCode: exitCodes.doesNotFit,
    });
  }
  const refuse = (error: unknown): never => {
    throw unlessUnwritable(folder, error);
  };
  const folders = { design, data: folder };
  if (options.layers === true) {
    return layerwiseOutcome(
      await simulateLayers(folders, network, wanted, options, host).catch(refuse),
    );
  }
  const results = await simulateVariants(folders, network, wanted, options, host).catch(refuse);
  return simulationOutcome(wanted, results);
}

/** `nzflow weights`: other weights for the loadable designs of a build, with their reference. */
export async function writeModelWeights(options: WeightsOptions, host: Host): Promise<Outcome> {
  return inStaging(options.out, host, async (folder) => weightsFolder(folder, options, host));
}

/** `nzflow synth`: synthesises the designs of a build and compares with the resource model. */
export async function synthesizeBuild(options: SynthesizeOptions, host: Host): Promise<Outcome> {
  const folder = options.buildFolder;
  const network = await readNetwork(folder);
  const plans = await chosenPlans(folder, network, options.variants);
  if (options.verifyNetlist === true) {
    const { tool, samples = 16 } = options;
    return verifyNetlists({ folder, plans, network, tool, samples }, host);
  }
  switch (options.tool) {
    case 'vivado':
      return implementVariants(vivadoTool, folder, plans, network.board, host);
    case 'quartus':
      return implementVariants(quartusTool, folder, plans, network.board, host);
    case 'ice40':
      return bitstreamVariants(folder, plans, network, host);
    case 'yosys':
      return synthesizeVariants(folder, plans, network.board, host);
  }
}

/** `nzflow report`: the report again, from what the build folder holds. */
export async function reportBuild(options: ReportOptions, host: Host): Promise<Outcome> {
  const { buildFolder: folder, expect } = options;
  await checkGateFiles(options, reportPaths(folder));
  host.progress.phase('writing the report');
  const report = await tellFailure(options, folder, () =>
    writeReport(folder, expect).catch((error: unknown): never => {
      throw unlessUnwritable(folder, error);
    }),
  );
  await writeGateFiles(report, options, false);
  return reportOutcome(report, folder, false);
}

/** `nzflow diff`. */
export async function diffBuilds(options: DiffOptions): Promise<Outcome> {
  return compareReports(options);
}

/**
 * Lets `work` fill a folder that takes the place of the build in `out` when it is done. Nothing
 * changes when it fails or is aborted.
 */
async function inStaging<Result>(
  out: string,
  host: Host,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const staging = await openStaging(out);
  try {
    const result = await work(staging.folder);
    host.signal.throwIfAborted();
    await staging.commit(buildNames, [...buildNames, ...failedLogs]);
    return result;
  } catch (error) {
    throw unlessUnwritable(out, await keepLogs(error, staging.folder));
  } finally {
    await staging.discard();
  }
}

function reportPaths(folder: string): readonly string[] {
  return reportFiles.map((name) => join(folder, name));
}

function reportOutcome(report: Report, folder: string, requireFit: boolean): Outcome {
  const htmlPath = join(folder, 'report.html');
  return {
    exitCode: reportExitCode(report, requireFit),
    text: formatReport(report, { colour: false, width: textWidth, htmlPath }),
    data: report,
  };
}
