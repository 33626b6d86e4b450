import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { fail, printable } from '../base/diagnostics.ts';
import { inParallel } from '../base/in-parallel.ts';
import { present } from '../base/invariant.ts';
import { suggestion } from '../base/suggest.ts';
import { checkImages } from './check-images.ts';
import type { Plan } from '../ir/plan.ts';
import type { Host, SimulateOptions } from '../options.ts';
import { measurementFile } from '../report/stored-variant.ts';
import type { StoredNetwork } from '../report/stored-network.ts';
import { referenceFolder } from '../report/stored-network.ts';
import { buildSimulator } from '../simulate/build-simulator.ts';
import type { Simulator } from '../simulate/build-simulator.ts';
import { measureLayers } from '../simulate/measure-layers.ts';
import type { Measurement } from '../simulate/measurement.ts';
import { predictWhole } from '../simulate/predict-run.ts';
import { readReference } from '../simulate/reference-store.ts';
import { verifyLayer } from '../simulate/verify-layer.ts';
import type { LayerVerification, SimulatorRequest } from '../simulate/verify-layer.ts';
import { checkedWeights } from './simulate-variants.ts';
import type { SimulationFolders } from './simulate-variants.ts';

/** A variant whose layers were verified alone. */
export interface LayerwiseResult {
  readonly plan: Plan;
  /** In network order; those asked for. */
  readonly layers: readonly LayerVerification[];
  /** Of the whole variant; null where only some of its layers were asked for. */
  readonly measurement: Measurement | null;
}

/**
 * Verifies layers of designs in a build folder, each alone, and writes what was found out:
 * `<variant>/sim/layers/<number>/result.json`, and of all layers `<variant>/sim/result.json`.
 */
export async function simulateLayers(
  { design, data: folder }: SimulationFolders,
  network: StoredNetwork,
  plans: readonly Plan[],
  options: SimulateOptions,
  host: Host,
): Promise<readonly LayerwiseResult[]> {
  const chosen = plans.map((plan) => layersOf(plan, options.layerNames));
  if (options.hashCheck) {
    for (const plan of plans) if (plan.load === undefined) await checkImages(design, plan);
  }
  const samples = Math.min(options.samples ?? network.sizes.samples, network.sizes.samples);
  const reference = await readReference(join(folder, referenceFolder), network.sizes, samples);
  const simulators = new Simulators();
  const results: LayerwiseResult[] = [];
  for (const [at, plan] of plans.entries()) {
    const indices = present(chosen[at], 'layers of every plan');
    host.progress.phase(`simulating ${plan.variant} layer by layer`);
    let done = 0;
    const workers = availableParallelism();
    // images of fixed weights were checked above, before any of the hours this may take
    const checked = options.hashCheck && plan.load !== undefined;
    const weights = await checkedWeights({ design, data: folder }, plan, checked);
    const layers = await inParallel(workers, indices, host.signal, async (index, _, signal) => {
      const name = printable(plan.layers[index]?.name ?? '', 40);
      const { result, resumed } = await verifyLayer({
        folder: join(folder, plan.variant),
        hdlFolder: join(design, plan.variant, 'hdl'),
        weights,
        plan,
        index,
        reference,
        gapSeeds: options.gapSeeds ?? [],
        resume: options.resume ?? false,
        build: (request) => simulators.build(request, workers > 1 ? 1 : 2),
        signal,
        onProgress: (text) => host.progress.update(done / indices.length, `${name}: ${text}`),
      });
      done += 1;
      tell(host, plan, result, `${done} of ${indices.length}${resumed ? ', verified before' : ''}`);
      return result;
    });
    const whole = options.layerNames === undefined;
    host.progress.phase(`predicting ${plan.variant} as a whole`);
    const measurement = whole ? measureLayers(plan, layers, reference, predictWhole) : null;
    if (measurement !== null) {
      const text = `${JSON.stringify(measurement, null, 1)}\n`;
      await writeFileAtomic(join(folder, plan.variant, measurementFile), text);
    }
    results.push({ plan, layers, measurement });
  }
  return results;
}

/** Numbers of the layers of these names; all of them where none are given. */
function layersOf(plan: Plan, names: readonly string[] | undefined): readonly number[] {
  const all = plan.layers.map(({ name }) => name);
  if (names === undefined) return all.map((_, index) => index);
  return [...new Set(names)].map((name) => {
    const index = all.indexOf(name);
    if (index < 0) {
      fail('usage/unknown-layer', `no layer is called "${name}"`, {
        place: '--layer',
        remedy: suggestion(name, all),
      });
    }
    return index;
  });
}

function tell(host: Host, plan: Plan, result: LayerVerification, place: string): void {
  const { measured, predicted, mismatches } = result;
  const verdict = mismatches === 0 ? 'bit-exact' : `${mismatches} differences`;
  const cycles = measured === null ? 'hangs' : `${measured.interval} cycles an inference`;
  const model = result.cyclesExact ? 'as predicted' : `${predicted.interval} predicted`;
  const name = printable(result.name, 80);
  host.progress.note(`${plan.variant} ${name} (${place}): ${verdict}, ${cycles}, ${model}`);
  for (const line of result.differences) host.progress.note(`${plan.variant}: ${line}`);
}

/** Simulators by their Verilog: layers of equal structure wait for the one that is being built. */
class Simulators {
  readonly #built = new Map<string, Promise<Simulator>>();

  build(request: SimulatorRequest, jobs: number): Promise<Simulator> {
    const known = this.#built.get(request.key);
    if (known !== undefined) return known;
    const { hdlFolder, simFolder, signal } = request;
    const building = buildSimulator({ hdlFolder, simFolder, waves: null, jobs, signal });
    this.#built.set(request.key, building);
    return building;
  }
}
