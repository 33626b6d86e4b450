import { z } from 'zod';
import { scopedFigure, swings } from './energy-schema.ts';
import { count, fraction, nonNegative } from './schema-numbers.ts';

const cells = {
  lut: nonNegative,
  ff: nonNegative,
  bram36: nonNegative,
  uram: nonNegative,
  dsp: nonNegative,
};

/** Longest path: LUT levels (see docs/synthesis.md), and the nets where it begins and ends. */
const unitPath = z.object({ levels: nonNegative, from: z.string(), to: z.string() });

/** A layer of one copy; of its units each has the cells that are in no other one, longest path first. */
const layerSynthesis = z.object({
  ...cells,
  units: z.array(
    z.object({
      /** A template of hdl-templates, or the module of the layer. */
      unit: z.string(),
      instances: count,
      ...cells,
      /** Null where the unit holds none, or the delays of the family are not known. */
      path: unitPath.nullable(),
    }),
  ),
});

/**
 * What one layer's hardware did. Cycle counts are means per inference and per engine over the
 * loaded run, so that `busy + stall <= interval of one copy`; the rest of the interval the
 * layer had nothing to do.
 */
const variantLayer = z.object({
  /** The layer's name in `Report.layers`. */
  name: z.string(),
  /** Kind of hardware, for example `window`, `wired` or `dense`. */
  unit: z.string(),
  lanes: count,
  setsParallel: count,
  /** Identical site-parallel units of one copy; of a wired layer its tails. */
  engines: count,
  /** Groups of sets (or windows) processed one after another on the same multipliers. */
  folds: count,
  /** Accumulators leaving one engine per cycle. */
  drainWidth: count,
  /** Multipliers of one copy, all engines. */
  multipliers: count,
  /** Weight, accumulator and activation memory of one copy. */
  memoryBits: count,
  busyCycles: nonNegative,
  /** `starvedCycles + blockedCycles`. */
  stallCycles: nonNegative,
  /** Waiting for input. */
  starvedCycles: nonNegative,
  /** Waiting for the drain or for whoever takes the output. */
  blockedCycles: nonNegative,
  /** Useful products / (multipliers * interval of one copy). */
  multiplierUtilisation: fraction,
  /** Groups of sets that read words at their own pace; 0: all sets in lockstep. */
  queues: count,
  /** Non-zero weights / slots of the words that this variant stores. */
  slotEfficiency: fraction,
  /** Useful products / (multipliers * busy cycles of an engine). */
  timeEfficiency: fraction,
  /** What keeps the multipliers from more products; null where nothing is measured or multiplied. */
  limitedBy: z.string().nullable(),
  /** Cycles per inference this layer alone needs, predicted; null where not modelled. */
  modelInterval: nonNegative.nullable(),
  /** `dram`: its weights come from memory beside the device; not there where the device holds them. */
  weightSource: z.literal('dram').exactOptional(),
  /** What a synthesis tool counted of it in one copy; only where the hierarchy was kept. */
  synthesis: layerSynthesis.exactOptional(),
});

/** What is measured is null where the whole design was not simulated. */
const cycles = z.object({
  /** Of the whole top, all copies: cycles between two completed inferences, measured. */
  interval: nonNegative.nullable(),
  /** Median of isolated inferences, measured. */
  latency: nonNegative.nullable(),
  /** 99 of 100 isolated inferences take no longer. */
  latencyP99: nonNegative.nullable(),
  /** Of the isolated inferences. */
  latencyWorst: nonNegative.nullable(),
  /** No inference alone takes longer, whatever its values: all channels non-zero, predicted. */
  latencyBound: nonNegative,
  /** Median under full load, measured. */
  latencyLoaded: nonNegative.nullable(),
  modelInterval: nonNegative,
  modelLatency: nonNegative,
  /** Median under full load, predicted. */
  modelLatencyLoaded: nonNegative,
  /** Samples the isolated latency was measured on. */
  samplesIsolated: count,
  /** Of these: each took the cycles that were predicted for it. */
  isolatedAsPredicted: count,
});

const timing = z.object({
  /** Whether the cycles below were measured in RTL or are those of the cycle model. */
  cyclesSource: z.enum(['measured', 'predicted']),
  clockMHz: z.number().positive(),
  /** `board` and `option` are assumptions; a place-and-route tool's name is a result. */
  clockSource: z.string(),
  latencyUs: nonNegative,
  /** Under full load. */
  latencyLoadedUs: nonNegative,
  throughputPerSecond: nonNegative,
  throughputPerSecondOneCopy: nonNegative,
});

/** Microjoules by category (see `energyCategories`), nominal coefficients. */
const breakdownUj = z.record(z.string(), nonNegative);

const energy = z.object({
  /**
   * Where the events were counted: in the design, in its layers simulated alone, or not at all: from
   * token counts of the reference and the cycle model.
   */
  activitySource: z.enum(['design', 'layers', 'predicted']),
  /** Scope `device`, all coefficients at one end of their ranges at once. */
  perInferenceUj: z.object({ low: nonNegative, nominal: nonNegative, high: nonNegative }),
  breakdownUj,
  /** Sums to `breakdownUj`; entries that are no layer (clock, static power) come last. */
  energyByLayerUj: z.array(z.object({ name: z.string(), breakdownUj })),
  /** Microjoules; reports of before they were known have neither. */
  scopes: scopedFigure.optional(),
  sensitivity: swings.optional(),
});

const resources = z.object({
  lut: nonNegative,
  ff: nonNegative,
  bram36: nonNegative,
  uram: nonNegative,
  dsp: nonNegative,
  /** `model`, or the tool that counted. */
  source: z.string(),
  fits: z.boolean(),
  /** The resource that exceeds the board most: used / available. */
  exceeded: z.object({ resource: z.string(), factor: z.number().positive() }).nullable(),
});

const verification = z.object({
  simulator: z.string(),
  samples: count,
  mismatches: count,
  /** Of the RTL's outputs; null when unlabelled. */
  accuracy: fraction.nullable(),
  cyclesSimulated: count,
  seconds: nonNegative,
  /** Accumulators compared through the simulation tap before requantisation. */
  accumulatorsCompared: count,
  /** Streams between layers compared value by value. */
  streamsCompared: count,
  /** Seeds of the additional runs with random input gaps and output back-pressure. */
  gapSeeds: z.array(count),
  /** Samples of every one of them. */
  gapSamples: count,
  /** Weight words the data never read: present, not verified by these samples. */
  wordsNeverRead: count.optional(),
  /**
   * There when every layer was simulated in a design of its own: cycles an inference of each,
   * counted (null where it hung) and predicted, and whether all ends were predicted to the cycle.
   * `timing` and `energy` of the variant then come from the cycle model of the whole and the
   * activity counted in the layers.
   */
  layerByLayer: z
    .array(
      z.object({
        name: z.string(),
        measured: nonNegative.nullable(),
        predicted: nonNegative,
        exact: z.boolean(),
      }),
    )
    .optional(),
});

/** Weights that come from memory beside the device, again and again. */
const weightStream = z.object({
  /** Of all layers whose `weightSource` it is, read once for an inference of every copy. */
  bytes: count,
  /** What that memory gives, and the share of it that is used; null where nothing was counted. */
  gigabytesPerSecond: nonNegative,
  share: fraction.nullable(),
});

/** Loading the weights of a loadable design once; nothing of it is in the figures of inferences. */
const load = z.object({
  beats: count,
  beatBits: count,
  /** From the first beat until inferences may enter: measured, or predicted without simulation. */
  cycles: nonNegative,
  milliseconds: nonNegative,
  energyUj: z.object({ low: nonNegative, nominal: nonNegative, high: nonNegative }),
});

/** An upper bound of the throughput by one resource of the board. */
const rooflineBound = z.object({ resource: z.string(), throughputPerSecond: nonNegative });

/** One layer working on one inference, in cycles from the first input beat. */
const pipelineBar = z.object({
  layer: z.string(),
  inference: count,
  startCycle: nonNegative,
  endCycle: nonNegative,
});

/** Results of one variant; what could not be measured because it does not fit is null. */
export const variantSchema = z.object({
  copies: count,
  cycles: cycles.nullable(),
  timing: timing.nullable(),
  energy: energy.nullable(),
  resources,
  verification: verification.nullable(),
  layers: z.array(variantLayer),
  /** The first few inferences of the loaded run, one copy. */
  pipeline: z.array(pipelineBar),
  /** Weight, accumulator and activation memory of all copies. */
  memoryBits: count,
  /** Why something is null, in a sentence; null when nothing is. */
  reason: z.string().nullable(),
  /** What the board could reach at best, by resource, lowest bound first. */
  roofline: z.array(rooflineBound).optional(),
  /** Only where weights are loaded. */
  load: load.optional(),
  /** Only where weights come from memory beside the device. */
  weightStream: weightStream.optional(),
  /** Copies whose weights fit into the usable block memory; null where none are there. */
  copiesInMemory: count.nullable().optional(),
});
