import type { VariantName } from '../../src/ir/variant.ts';
import type { Report, ReportChainLink, ReportVariant } from '../../src/report/schema.ts';

/**
 * A made-up result for the keyword CNN: shapes and product counts are those of the network,
 * everything measured is invented for the tests of the report.
 */

export const layerShapes = [
  {
    name: '/Conv',
    kind: 'conv',
    inputShape: [1, 32, 32],
    outputShape: [64, 14, 14],
    total: 1600,
    nonZero: 800,
    inputDensity: 0.998,
    macs: { dense: 1_254_400, weightSparse: 627_200, bothSparse: 627_200 },
    k: 6,
    scope: 'site',
    tieRate: 0.331,
  },
  {
    name: '/Conv_1',
    kind: 'conv',
    inputShape: [64, 14, 14],
    outputShape: [64, 5, 5],
    total: 102_400,
    nonZero: 6400,
    inputDensity: 0.0937,
    macs: { dense: 10_240_000, weightSparse: 640_000, bothSparse: 60_000 },
    k: 8,
    scope: 'site',
    tieRate: 0.287,
  },
  {
    name: '/linear1/Gemm',
    kind: 'linear',
    inputShape: [1600],
    outputShape: [1500],
    total: 2_400_000,
    nonZero: 120_000,
    inputDensity: 0.125,
    macs: { dense: 2_400_000, weightSparse: 120_000, bothSparse: 15_000 },
    k: 150,
    scope: 'layer',
    tieRate: 0.94,
  },
  {
    name: '/linear2/Gemm',
    kind: 'linear',
    inputShape: [1500],
    outputShape: [12],
    total: 18_000,
    nonZero: 4500,
    inputDensity: 0.1,
    macs: { dense: 18_000, weightSparse: 4500, bothSparse: 450 },
    k: null,
    scope: null,
    tieRate: null,
  },
] as const;

const macsOf = {
  dense: 'dense',
  'sparse-dense': 'weightSparse',
  'sparse-sparse': 'bothSparse',
} as const;

interface VariantNumbers {
  readonly copies: number;
  readonly interval: number;
  readonly latency: number;
  readonly energyUj: number;
  readonly resources: readonly [lut: number, ff: number, bram36: number, uram: number, dsp: number];
  /** Per layer: engines, lanes, sets in parallel, busy cycles, starved cycles, blocked cycles. */
  readonly layers: readonly (readonly [number, number, number, number, number, number])[];
}

const numbers: Readonly<Record<VariantName, VariantNumbers>> = {
  dense: {
    copies: 2,
    interval: 760,
    latency: 3412,
    energyUj: 21.4,
    resources: [612_000, 890_400, 2214, 0, 9216],
    layers: [
      [2, 5, 64, 1480, 22, 0],
      [8, 25, 32, 1520, 0, 0],
      [1, 64, 25, 1500, 12, 8],
      [1, 12, 12, 125, 860, 0],
    ],
  },
  'sparse-dense': {
    copies: 4,
    interval: 198,
    latency: 1890,
    energyUj: 6.82,
    resources: [1_104_300, 1_310_000, 1104, 0, 5120],
    layers: [
      [4, 5, 32, 784, 3, 0],
      [5, 25, 4, 790, 0, 2],
      [1, 5, 75, 320, 410, 12],
      [1, 10, 3, 150, 600, 0],
    ],
  },
  'sparse-sparse': {
    copies: 8,
    interval: 99.4,
    latency: 1204,
    energyUj: 3.31,
    resources: [1_422_600, 1_530_200, 1312, 0, 7168],
    layers: [
      [4, 5, 32, 784, 3, 8],
      [4, 5, 4, 752, 31, 12],
      [1, 1, 75, 160, 540, 40],
      [1, 1, 3, 152, 600, 0],
    ],
  },
};

const clockMHz = 250;

const energyShares = {
  multiply: 0.34,
  weights: 0.19,
  accumulate: 0.13,
  activations: 0.07,
  control: 0.06,
  clock: 0.13,
};
const staticShare = 0.08;

/** One variant of the fixture. */
export function keywordCnnVariant(name: VariantName): ReportVariant {
  const { copies, interval, latency, energyUj, resources, layers } = numbers[name];
  const [lut, ff, bram36, uram, dsp] = resources;
  const oneCopy = interval * copies;
  const product = macsOf[name];
  const allMacs = layerShapes.reduce((sum, layer) => sum + layer.macs[product], 0);
  const breakdown = (share: number): Record<string, number> =>
    Object.fromEntries(
      Object.entries(energyShares).map(([key, part]) => [key, energyUj * part * share]),
    );
  const variantLayers = layerShapes.map((shape, index): ReportVariant['layers'][number] => {
    const [
      engines = 1,
      lanes = 1,
      setsParallel = 1,
      busyCycles = 0,
      starvedCycles = 0,
      blockedCycles = 0,
    ] = layers[index] ?? [];
    const multipliers = engines * lanes * setsParallel;
    return {
      name: shape.name,
      unit: name === 'dense' ? 'dense' : 'window',
      lanes,
      setsParallel,
      engines,
      folds: name === 'sparse-sparse' && index === 2 ? 3 : 1,
      drainWidth: 4,
      multipliers,
      memoryBits: (name === 'dense' ? shape.total : shape.nonZero) * 8 + 40_000,
      busyCycles,
      stallCycles: starvedCycles + blockedCycles,
      starvedCycles,
      blockedCycles,
      multiplierUtilisation: Math.min(1, shape.macs[product] / (multipliers * oneCopy)),
      queues: 0,
      slotEfficiency: 0.9,
      timeEfficiency: Math.min(1, shape.macs[product] / (multipliers * Math.max(1, busyCycles))),
      limitedBy: 'slowest lane',
      modelInterval: busyCycles + 4,
    };
  });
  return {
    copies,
    cycles: {
      interval,
      latency,
      latencyP99: latency + 46,
      latencyWorst: latency + 46,
      latencyBound: latency + 900,
      latencyLoaded: latency * 1.4,
      modelInterval: interval,
      modelLatency: latency,
      modelLatencyLoaded: latency * 1.4,
      samplesIsolated: 16,
      isolatedAsPredicted: 16,
    },
    timing: {
      cyclesSource: 'measured',
      clockMHz,
      clockSource: 'board',
      latencyUs: latency / clockMHz,
      latencyLoadedUs: (latency * 1.4) / clockMHz,
      throughputPerSecond: (clockMHz * 1e6) / interval,
      throughputPerSecondOneCopy: (clockMHz * 1e6) / oneCopy,
    },
    energy: {
      activitySource: 'design',
      perInferenceUj: { low: energyUj * 0.44, nominal: energyUj, high: energyUj * 2.3 },
      breakdownUj: { ...breakdown(1), static: energyUj * staticShare },
      energyByLayerUj: [
        ...layerShapes.map((shape) => ({
          name: shape.name,
          breakdownUj: breakdown(shape.macs[product] / allMacs),
        })),
        { name: 'static power', breakdownUj: { static: energyUj * staticShare } },
      ],
    },
    resources: { lut, ff, bram36, uram, dsp, source: 'model', fits: true, exceeded: null },
    verification: {
      simulator: 'Verilator 5.006',
      samples: 300,
      mismatches: 0,
      accuracy: 0.947,
      cyclesSimulated: 300 * Math.round(oneCopy) + latency,
      seconds: 21.6,
      accumulatorsCompared: 4_212_300,
      streamsCompared: 5,
      gapSeeds: [1, 2, 3, 4, 5],
      gapSamples: 300,
      wordsNeverRead: 412,
    },
    layers: variantLayers,
    pipeline: [0, 1, 2, 3].flatMap((inference) =>
      layerShapes.map((shape, index) => {
        const startCycle = Math.round(inference * oneCopy + index * latency * 0.21);
        return {
          layer: shape.name,
          inference,
          startCycle,
          endCycle: startCycle + Math.round(oneCopy * (index < 2 ? 0.98 : 0.4)),
        };
      }),
    ),
    memoryBits: copies * variantLayers.reduce((sum, layer) => sum + layer.memoryBits, 0),
    reason: null,
    ...(name === 'dense' ? denseRoofline : {}),
  };
}

const denseRoofline = {
  roofline: [
    { resource: 'dsp', throughputPerSecond: 353_000 },
    { resource: 'weight memory', throughputPerSecond: 398_000 },
    { resource: 'lut', throughputPerSecond: 612_000 },
    { resource: 'ports', throughputPerSecond: 15_600_000 },
  ],
  copiesInMemory: 3,
};

function chain(): readonly ReportChainLink[] {
  const names: readonly VariantName[] = ['dense', 'sparse-dense', 'sparse-sparse'];
  return names.map((name): ReportChainLink => {
    const product = macsOf[name];
    const denseMacs = layerShapes.reduce((sum, layer) => sum + layer.macs.dense, 0);
    const macs = layerShapes.reduce((sum, layer) => sum + layer.macs[product], 0);
    const { interval, energyUj, copies, layers } = numbers[name];
    return {
      variant: name,
      macs,
      macLimit: denseMacs / macs,
      throughput: (clockMHz * 1e6) / interval,
      throughputRatio: numbers.dense.interval / interval,
      energyRatio: numbers.dense.energyUj / energyUj,
      layers: layerShapes.map((shape, index) => {
        const throughput = (copies * clockMHz * 1e6) / (layers[index]?.[3] ?? 1);
        const denseThroughput =
          (numbers.dense.copies * clockMHz * 1e6) / (numbers.dense.layers[index]?.[3] ?? 1);
        return {
          name: shape.name,
          macs: shape.macs[product],
          macLimit: shape.macs.dense / shape.macs[product],
          throughput,
          throughputRatio: throughput / denseThroughput,
        };
      }),
    };
  });
}

/** The whole fixture: three variants, labelled data, everything verified. */
export function keywordCnnReport(): Report {
  const macLimit = 13_912_400 / 702_650;
  const throughput = numbers.dense.interval / numbers['sparse-sparse'].interval;
  return {
    schemaVersion: 1,
    tool: { name: 'nzflow', version: '0.1.0' },
    model: {
      name: 'keyword-cnn',
      file: 'examples/keyword-cnn/model.onnx',
      sha256: '9f2c41d07ab1e6f0c5a83e77d41b0aa6c7f3be0c9d1f4f7a5b6d2e8090a1b2c3',
    },
    board: {
      name: 'alveo-u250',
      part: 'xcu250-figd2104-2L-e',
      clockMHz,
      resources: { lut: 1_728_000, ff: 3_456_000, bram36: 2688, uram: 1280, dsp: 12_288 },
    },
    data: { samples: 300, labelled: true },
    accuracy: { float: 0.95, quantized: 0.947 },
    macs: { dense: 13_912_400, weightSparse: 1_391_700, bothSparse: 702_650 },
    layers: layerShapes.map((shape) => ({
      name: shape.name,
      kind: shape.kind,
      inputShape: [...shape.inputShape],
      outputShape: [...shape.outputShape],
      weights: { total: shape.total, nonZero: shape.nonZero },
      inputDensity: shape.inputDensity,
      packingEfficiency: 1,
      macs: shape.macs,
      activations:
        shape.k === null
          ? { kind: 'none', k: null, scope: null, tieRate: null, clipRate: null }
          : {
              kind: 'k-wta',
              k: shape.k,
              scope: shape.scope,
              tieRate: shape.tieRate,
              clipRate: 0.0008,
            },
    })),
    variants: {
      dense: keywordCnnVariant('dense'),
      'sparse-dense': keywordCnnVariant('sparse-dense'),
      'sparse-sparse': keywordCnnVariant('sparse-sparse'),
    },
    ratios: {
      macLimit,
      throughput,
      latency: numbers.dense.latency / numbers['sparse-sparse'].latency,
      energy: numbers.dense.energyUj / numbers['sparse-sparse'].energyUj,
      energyRange: { p10: 4.9, p50: 6.4, p90: 8.3 },
      shareOfLimit: throughput / macLimit,
      source: 'measured',
      reason: null,
      chain: [...chain()],
    },
    notes: [
      'The samples are synthesised speech (espeak-ng), not recordings.',
      'k-WTA keeps exactly k winners; the ONNX graph would keep every tie at the k-th value.',
    ],
    warnings: [],
  };
}
