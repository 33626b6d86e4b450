import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, fail } from '../base/diagnostics.ts';
import { planText } from '../emit/plan-text.ts';
import type { LoadPlan, Plan } from '../ir/plan.ts';
import type { Host, Outcome, WeightsOptions } from '../options.ts';
import { driverFacts } from '../plan/interfaces/driver-facts.ts';
import { fitWeights } from '../plan/refit/fit-weights.ts';
import { readPlan } from '../read/plan.ts';
import { toolIdentity } from '../read/tool-identity.ts';
import { formatCount } from '../report/format.ts';
import { readNetwork } from '../report/stored-network.ts';
import { otherStructure, writeWeights } from '../simulate/weight-image.ts';
import { storeNetwork, studyNetwork } from './build-folder.ts';
import { chosenPlans } from './chosen-plans.ts';
import { writeDriverFolder } from './driver-folder.ts';

/**
 * Writes `<variant>/weights.bin`, `.hex` and `plan.json` of a model for the designs of a build, and
 * its `reference/`, into `folder`. Throws `UserError` when the model does not fit them.
 */
export async function weightsFolder(
  folder: string,
  options: WeightsOptions,
  host: Host,
): Promise<Outcome> {
  const { buildFolder } = options;
  const build = await readNetwork(buildFolder);
  const { board } = build;
  const designs = await chosenPlans(buildFolder, build, options.variants);
  const fixed = designs.find(({ load }) => load === undefined);
  if (fixed !== undefined) refuseFixed(buildFolder, fixed);
  // the hardware has one rule for equal values, so nobody needs to tell it again
  const kwta = options.kwta ?? (designs.some(keepsTies) ? 'ties' : 'exact');
  const facts = await studyNetwork({ ...options, kwta }, host, { keepEmptyChannels: true });
  const { graph } = facts.quantization;
  host.progress.phase('fitting the weights');
  const plans: Plan[] = [];
  for (const design of designs) {
    host.signal.throwIfAborted();
    const fitted = fitWeights(graph, design, {
      modelSha256: facts.network.model.sha256,
      maximumBeatBits: board.maximumBeatBits,
    });
    const variantFolder = join(folder, design.variant);
    await mkdir(variantFolder);
    await writeFile(join(variantFolder, 'plan.json'), planText(fitted.plan));
    await writeWeights(variantFolder, fitted);
    // scales of the new model, registers of the block as it was built
    const block = { ...fitted.plan, model: design.model };
    if (block.axi !== undefined) {
      await writeDriverFolder(variantFolder, block, driverFacts(facts.network.graph, graph));
    }
    plans.push(fitted.plan);
  }
  host.progress.phase('writing reference data');
  const [first] = designs;
  const hardware = {
    board,
    clockMHz: first?.clockMHz ?? board.clockMHz,
    plans,
    tool: toolIdentity(),
  };
  await storeNetwork(folder, facts, hardware);
  const loads = plans.flatMap(({ variant, load, clockMHz }) => {
    return load === undefined ? [] : [{ variant, ...load, ...loadTime(load, clockMHz) }];
  });
  const lines = loads.map(({ variant, beats, beatBits, milliseconds }) => {
    return `  ${variant}: ${formatCount(beats)} beats of ${beatBits} bits, ${milliseconds.toFixed(3)} ms`;
  });
  const next = `Verify them with: nzflow simulate ${buildFolder} --weights ${options.out}`;
  return {
    exitCode: exitCodes.done,
    text: `Weights written to ${options.out}\n${lines.join('\n')}\n${next}\n`,
    data: {
      out: options.out,
      variants: Object.fromEntries(loads.map((one) => [one.variant, one])),
    },
  };
}

function keepsTies({ layers }: Plan): boolean {
  return layers.some(({ parameters }) => parameters['KeepTies'] === 1);
}

/** How long loading takes when a beat is there in every cycle. */
export function loadTime(load: LoadPlan, clockMHz: number): { readonly milliseconds: number } {
  return { milliseconds: load.beats / clockMHz / 1000 };
}

function refuseFixed(place: string, { variant }: Plan): never {
  fail('weights/fixed', `the design ${variant} has fixed weights`, {
    place,
    remedy: 'build it again with `nzflow compile --weights loadable`',
  });
}

/** Whether weights were made for the designs they are to be loaded into. Throws `UserError`. */
export async function checkStructures(
  buildFolder: string,
  weightFolder: string,
  plans: readonly Plan[],
): Promise<void> {
  for (const { variant, load } of plans) {
    const design = await readPlan(join(buildFolder, variant, 'plan.json'));
    if (design.load === undefined) refuseFixed(buildFolder, design);
    if (design.load.structure !== load?.structure) otherStructure(join(weightFolder, variant));
  }
}
