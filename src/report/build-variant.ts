import { activityAssumptions, countEvents } from '../estimate/activity.ts';
import type { LayerZeros } from '../estimate/circumstances.ts';
import type { EnergySubject } from '../estimate/energy-scopes.ts';
import { estimateEnergy } from '../estimate/energy.ts';
import { fitOf } from '../estimate/fit.ts';
import { loadEnergy } from '../estimate/load-energy.ts';
import { denseRoofline } from '../estimate/roofline.ts';
import { ceilDivide } from '../base/bits.ts';
import { present } from '../base/invariant.ts';
import type { Board } from '../ir/board.ts';
import { hasEngines, inputStreamsOf } from '../ir/plan.ts';
import type {
  EngineLayerPlan,
  JoinLayerPlan,
  LayerPlan,
  LoadPlan,
  Plan,
  WeightStreamPlan,
  WinnersLayerPlan,
} from '../ir/plan.ts';
import type { VariantName } from '../ir/variant.ts';
import { planResources } from '../plan/resources/plan-resources.ts';
import type { LayerMeasurement, Measurement } from '../simulate/measurement.ts';
import type { Forecast } from '../simulate/predict-run.ts';
import type { SynthesisResult } from '../synthesize/synthesis-result.ts';
import { limitOf } from './layer-limit.ts';
import { reportEnergy } from './report-energy.ts';
import type {
  Report,
  ReportLayer,
  ReportMacs,
  ReportVariant,
  ReportVariantLayer,
} from './schema.ts';

/** Everything known about one variant. */
export interface VariantFacts {
  readonly plan: Plan;
  /** Null when it was not simulated. */
  readonly measurement: Measurement | null;
  /** What is expected of it; null where it was simulated or is not worth it. */
  readonly forecast: Forecast | null;
  /** What a synthesis tool counted; without it the resource model speaks. */
  readonly synthesis: SynthesisResult | null;
}

/** A variant of the report, with what comparisons of energy need. */
export interface BuiltVariant {
  readonly name: VariantName;
  readonly variant: ReportVariant;
  readonly energy: EnergySubject | null;
  /** What its energy rests on, a sentence each. */
  readonly assumptions: readonly string[];
}

/** The products that a variant has to make. */
export const macsOf: Readonly<Record<VariantName, keyof ReportMacs>> = {
  dense: 'dense',
  'sparse-dense': 'weightSparse',
  'sparse-sparse': 'bothSparse',
};

/** One variant as the report tells it. Everything but the measurement follows from the plan. */
export function buildVariant(
  base: Report,
  board: Board,
  { plan, measurement, forecast, synthesis }: VariantFacts,
): BuiltVariant {
  const total = synthesis?.resources ?? planResources(plan, board.family).total;
  const fit = fitOf(total, board);
  const clock = clockOf(plan, board, synthesis);
  const measured = measurement?.method === 'whole' ? measurement.cycles : null;
  const prediction = (measurement ?? forecast)?.prediction ?? null;
  const layers = (measurement ?? forecast)?.layers ?? [];
  const weightBeats = (measurement ?? forecast)?.weightBeats ?? 0;
  const hung = measurement?.method === 'whole' && measured === null;
  const cycles = hung ? null : (measured ?? prediction);
  const oneCopy = cycles === null ? null : cycles.interval * plan.copies;
  const energy =
    cycles === null || oneCopy === null
      ? null
      : {
          events: countEvents(
            plan,
            {
              counts: layers,
              zeros: plan.layers.map((layer, index) => zerosOf(layer, base.layers[index])),
              oneCopyCycles: oneCopy,
              weightBeats,
            },
            board,
          ),
          timing: { cyclesPerInference: cycles.interval, clockMHz: clock.clockMHz },
        };
  const estimate = energy === null ? null : estimateEnergy(energy.events, board, energy.timing);
  const perSecond = clock.clockMHz * 1e6;
  const macs = macsOf[plan.variant];
  const variant: ReportVariant = {
    copies: plan.copies,
    cycles:
      cycles === null
        ? null
        : {
            ...(measured ?? unmeasured),
            modelInterval: prediction?.interval ?? 0,
            modelLatency: prediction?.latency ?? 0,
            modelLatencyLoaded: prediction?.latencyLoaded ?? 0,
            latencyBound: prediction?.latencyBound ?? 0,
          },
    timing:
      cycles === null || oneCopy === null
        ? null
        : {
            cyclesSource: measured === null ? 'predicted' : 'measured',
            ...clock,
            latencyUs: cycles.latency / clock.clockMHz,
            latencyLoadedUs: cycles.latencyLoaded / clock.clockMHz,
            throughputPerSecond: perSecond / cycles.interval,
            throughputPerSecondOneCopy: perSecond / oneCopy,
          },
    energy:
      energy === null || estimate === null
        ? null
        : reportEnergy(board, energy, estimate, measurement),
    resources: {
      ...total,
      source: synthesis?.tool ?? 'model',
      fits: fit.fits,
      exceeded: fit.exceeded,
    },
    verification: measurement === null ? null : verificationOf(measurement),
    layers: plan.layers.map((layer, index) => ({
      ...buildLayer(plan, layer, {
        products: base.layers[index]?.macs[macs] ?? 0,
        measured: layers[index] ?? null,
        modelInterval: prediction?.layerIntervals[index] ?? null,
        oneCopyCycles: oneCopy,
      }),
      ...layerSynthesis(synthesis, index),
    })),
    pipeline: measurement?.pipeline ?? [],
    memoryBits: plan.copies * plan.layers.reduce((sum, layer) => sum + memoryBits(plan, layer), 0),
    reason: reasonOf(measurement, fit.fits),
    ...(plan.load === undefined ? {} : { load: loadOf(plan, plan.load, board, measurement) }),
    ...(plan.weightStream === undefined
      ? {}
      : { weightStream: weightStreamOf(plan, plan.weightStream, weightBeats, cycles?.interval) }),
    ...(plan.variant === 'dense' ? rooflineOf(base, board, plan) : {}),
  };
  const assumptions = estimate === null ? [] : [...estimate.assumptions, ...activityAssumptions];
  return { name: plan.variant, variant, energy, assumptions };
}

/** The clock that was planned for, or a slower one where place and route found that it does not hold. */
function clockOf(
  plan: Plan,
  board: Board,
  synthesis: SynthesisResult | null,
): Pick<NonNullable<ReportVariant['timing']>, 'clockMHz' | 'clockSource'> {
  const timing = synthesis?.timing;
  if (timing?.routed !== true) {
    const clockSource = plan.clockMHz === board.clockMHz ? 'board' : 'option';
    return { clockMHz: plan.clockMHz, clockSource };
  }
  // the period in the constraints is rounded: a design that holds has the clock that was planned
  const clockMHz = timing.holds ? plan.clockMHz : Math.min(plan.clockMHz, timing.maximumClockMHz);
  return { clockMHz, clockSource: 'place-and-route' };
}

/** Of what reaches the multipliers: only a dense core gets zero weights, only a dense stream has zero values. */
function zerosOf(plan: LayerPlan, layer: ReportLayer | undefined): LayerZeros {
  if (layer === undefined || !hasEngines(plan)) {
    return { weights: 1, values: 1, usefulProducts: 0 };
  }
  const { total, nonZero } = layer.weights;
  return {
    weights: plan.choice.core === 'dense' && total > 0 ? nonZero / total : 1,
    values: plan.input.kind === 'dense' ? layer.inputDensity : 1,
    usefulProducts: layer.macs.bothSparse,
  };
}

/** A beat a cycle, and one to begin with. */
function loadOf(
  plan: Plan,
  load: LoadPlan,
  board: Board,
  measurement: Measurement | null,
): NonNullable<ReportVariant['load']> {
  const cycles = measurement?.loadCycles ?? load.beats + 1;
  return {
    beats: load.beats,
    beatBits: load.beatBits,
    cycles,
    milliseconds: cycles / plan.clockMHz / 1000,
    energyUj: loadEnergy(plan, load, board, cycles),
  };
}

/** `beats`: an inference. */
function weightStreamOf(
  { clockMHz }: Plan,
  { beatBits, beats: period, rate }: WeightStreamPlan,
  beats: number,
  interval: number | null | undefined,
): NonNullable<ReportVariant['weightStream']> {
  const perCycle = rate.beats / rate.cycles;
  return {
    bytes: (period * beatBits) / 8,
    gigabytesPerSecond: (perCycle * beatBits * clockMHz) / 8e3,
    share:
      beats === 0 || interval === null || interval === undefined
        ? null
        : Math.min(1, beats / (interval * perCycle)),
  };
}

function rooflineOf(
  base: Report,
  board: Board,
  plan: Plan,
): Pick<ReportVariant, 'roofline' | 'copiesInMemory'> {
  const { bounds, copiesInMemory } = denseRoofline(
    plan,
    board,
    base.layers.map(({ macs }) => macs.dense),
  );
  return { roofline: [...bounds], copiesInMemory };
}

function reasonOf(measurement: Measurement | null, fits: boolean): string | null {
  if (measurement !== null) {
    const known = measurement.method === 'whole' ? measurement.cycles : measurement.prediction;
    return known === null ? 'the design hangs, see its differences' : null;
  }
  return fits ? 'it was not simulated' : 'it does not fit the board, so it was not simulated';
}

/** Of a design that was not simulated as a whole. */
const unmeasured = {
  interval: null,
  latency: null,
  latencyP99: null,
  latencyWorst: null,
  latencyLoaded: null,
  samplesIsolated: 0,
  isolatedAsPredicted: 0,
};

function verificationOf(measurement: Measurement): ReportVariant['verification'] {
  const { simulator, samples, mismatches, accuracy, cyclesSimulated, seconds } = measurement;
  const { accumulatorsCompared, streamsCompared, gapSeeds, gapSamples, wordsNeverRead } =
    measurement;
  return {
    simulator,
    samples,
    mismatches,
    accuracy,
    cyclesSimulated,
    seconds,
    accumulatorsCompared,
    streamsCompared,
    gapSeeds,
    gapSamples,
    wordsNeverRead,
    ...(measurement.method === 'layers' ? { layerByLayer: measurement.layerCycles } : {}),
  };
}

interface LayerCircumstances {
  /** Products of the variant an inference. */
  readonly products: number;
  readonly measured: LayerMeasurement | null;
  readonly modelInterval: number | null;
  readonly oneCopyCycles: number | null;
}

function buildLayer(
  plan: Plan,
  layer: LayerPlan,
  { products, measured, modelInterval, oneCopyCycles }: LayerCircumstances,
): ReportVariantLayer {
  const interval = oneCopyCycles ?? 0;
  const memory = memoryBits(plan, layer);
  if (!hasEngines(layer)) return buildJoin(layer, { memory, measured, modelInterval });
  const { choice } = layer;
  // the columns of a wired layer are walked once, whatever the number of its tails
  const walks = layer.wired === undefined ? choice.engines : 1;
  const perEngine = (cycles: number | undefined): number => (cycles ?? 0) / walks;
  // The count begins with an empty pipeline, so waiting can come out a little above what is left.
  const busyCycles = perEngine(measured?.busyCycles);
  const blockedCycles = Math.min(
    perEngine(measured?.blockedCycles),
    Math.max(0, interval - busyCycles),
  );
  const starvedCycles = Math.min(
    perEngine(measured?.starvedCycles),
    Math.max(0, interval - busyCycles - blockedCycles),
  );
  return {
    name: layer.name,
    unit: unitName(layer),
    lanes: choice.lanes,
    setsParallel: choice.setsParallel,
    engines: choice.engines,
    folds: layer.folds,
    drainWidth: choice.drainWidth,
    multipliers: layer.multipliers,
    memoryBits: memory,
    busyCycles,
    stallCycles: starvedCycles + blockedCycles,
    starvedCycles,
    blockedCycles,
    multiplierUtilisation:
      interval === 0 || layer.multipliers === 0
        ? 0
        : Math.min(1, products / (layer.multipliers * interval)),
    queues: choice.queues,
    slotEfficiency: layer.multipliers === 0 ? 0 : Math.min(1, layer.packingEfficiency),
    timeEfficiency:
      busyCycles === 0 || layer.multipliers === 0
        ? 0
        : Math.min(1, products / (layer.multipliers * busyCycles)),
    limitedBy: limitOf(layer, {
      busy: busyCycles,
      starved: starvedCycles,
      blocked: blockedCycles,
      interval,
    }),
    modelInterval,
    ...(layer.streamed === undefined ? {} : { weightSource: 'dram' as const }),
  };
}

function unitName(layer: EngineLayerPlan): string {
  if (layer.kind === 'max-pool') return 'max-pool';
  if (layer.wired !== undefined) return 'wired';
  return layer.choice.core === 'dense' ? 'dense' : 'window';
}

/** A join has no engines: it is busy in the cycles in which a beat of its output leaves. */
function buildJoin(
  layer: JoinLayerPlan,
  {
    memory,
    measured,
    modelInterval,
  }: Pick<LayerCircumstances, 'measured' | 'modelInterval'> & { readonly memory: number },
): ReportVariantLayer {
  const { width } = layer.choice;
  return {
    name: layer.name,
    unit: layer.kind,
    lanes: layer.inputs.length,
    setsParallel: width,
    engines: 1,
    folds: ceilDivide(layer.outputChannels, width),
    drainWidth: width,
    multipliers: 0,
    memoryBits: memory,
    busyCycles: measured?.beats ?? 0,
    stallCycles: 0,
    starvedCycles: 0,
    blockedCycles: 0,
    multiplierUtilisation: 0,
    queues: 0,
    slotEfficiency: 0,
    timeEfficiency: 0,
    limitedBy: null,
    modelInterval,
  };
}

/** Weights and constants, sums, stores and FIFOs of one copy. */
function memoryBits(plan: Plan, layer: LayerPlan): number {
  const fifos = inputStreamsOf(layer).reduce((sum, stream, input) => {
    return sum + (layer.inputs[input]?.fifoDepth ?? 0) * stream.tokensPerBeat * stream.tokenBits;
  }, 0);
  if (!hasEngines(layer)) {
    // two halves of every site that comes as tokens
    const halves = layer.inputStreams.filter(({ kind }) => kind === 'tokens');
    if (layer.kind === 'winners') return fifos + mapBits(layer);
    const values = layer.kind === 'add' ? 2 * layer.outputChannels : 0;
    return fifos + halves.reduce((sum, { valueBits }) => sum + values * valueBits, 0);
  }
  return fifos + engineMemoryBits(plan, layer);
}

/** Two maps of tokens. */
function mapBits({ inputStreams, parameters }: WinnersLayerPlan): number {
  const words = 2 * present(parameters['MapBeats'], 'MapBeats');
  return inputStreams.reduce((sum, { tokensPerBeat, tokenBits }) => {
    return sum + words * tokensPerBeat * tokenBits;
  }, 0);
}

/** Weights and constants, both banks of sums, and the stores of all engines. */
function engineMemoryBits(plan: Plan, layer: EngineLayerPlan): number {
  const { engines, lanes, setsParallel, core } = layer.choice;
  const images = plan.memories
    .filter((memory) => memory.layer === layer.name)
    .reduce((sum, memory) => sum + memory.widthBits * memory.depth * memory.instances, 0);
  const words = 2 ** present(layer.parameters['AddressBits'], 'AddressBits');
  const store = lanes * words * layer.input.tokensPerBeat * layer.input.tokenBits;
  const wide = 2 * setsParallel * layer.sumDepth * layer.sumBits;
  // two vectors a tail, the store is one
  if (layer.wired !== undefined) return images + engines * wide + store;
  const terms = core === 'dense' ? 1 : lanes;
  return images + engines * (terms * wide + store);
}

/** Cells and paths of a layer, where they were counted layer by layer. */
function layerSynthesis(
  synthesis: SynthesisResult | null,
  index: number,
): Pick<ReportVariantLayer, 'synthesis'> {
  const counted = synthesis?.layers?.find(({ layer }) => layer === index);
  if (counted === undefined) return {};
  const units = counted.units.map(({ unit, instances, resources, path }) => ({
    unit,
    instances,
    ...resources,
    path:
      path === null
        ? null
        : { levels: path.levels, from: path.nets[0] ?? '', to: path.nets.at(-1) ?? '' },
  }));
  return { synthesis: { ...counted.resources, units } };
}
