import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/ir/plan.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { variantNames } from '../../src/ir/variant.ts';
import { readBoard } from '../../src/read/board.ts';
import type { ReportBase } from '../../src/report/build-report.ts';
import { buildReport } from '../../src/report/build-report.ts';
import type { VariantFacts } from '../../src/report/build-variant.ts';
import { parseReport } from '../../src/report/schema.ts';
import type { Measurement } from '../../src/simulate/measurement.ts';
import { randomCase } from '../support/random-case.ts';

const board = await readBoard('zcu104');
const seed = 4;

function measurement(plan: Plan, interval: number): Measurement {
  const activity = { windows: 4, busyCycles: 50, starvedCycles: 5, blockedCycles: 2 };
  const traffic = { issues: 40, steps: 60, beats: 7, tokens: 9 };
  return {
    measurementVersion: 1,
    method: 'whole',
    simulator: 'Verilator 5.006',
    samples: 8,
    mismatches: 0,
    differences: [],
    accuracy: null,
    cyclesSimulated: 1000,
    seconds: 1,
    accumulatorsCompared: 10,
    streamsCompared: 2,
    gapSeeds: [],
    gapSamples: 0,
    wordsNeverRead: 3,
    cycles: {
      interval,
      latency: 3 * interval,
      latencyP99: 4 * interval,
      latencyWorst: 4 * interval,
      latencyLoaded: 5 * interval,
      samplesIsolated: 8,
      isolatedAsPredicted: 8,
    },
    prediction: {
      interval,
      latency: 3 * interval,
      latencyLoaded: 5 * interval,
      latencyBound: 5 * interval,
      layerIntervals: plan.layers.map(() => 50),
    },
    layers: plan.layers.map(({ name }) => ({ name, ...activity, ...traffic })),
    layerCycles: [],
    pipeline: [],
  };
}

function facts(name: VariantName, interval: number | null): VariantFacts {
  const { plan } = randomCase(seed, name).network;
  return {
    plan,
    measurement: interval === null ? null : measurement(plan, interval),
    forecast: null,
    synthesis: null,
  };
}

const { plan: shape } = randomCase(seed, 'dense').network;
const base: ReportBase = {
  schemaVersion: 1,
  tool: { name: 'nzflow', version: '0' },
  model: { name: 'random', file: 'random.onnx', sha256: '0' },
  board: { name: board.name, part: board.part, clockMHz: 100, resources: board.resources },
  data: { samples: 8, labelled: false },
  accuracy: null,
  macs: { dense: 1000, weightSparse: 200, bothSparse: 50 },
  layers: shape.layers.map(({ name }) => ({
    name,
    kind: 'conv',
    inputShape: [1],
    outputShape: [1],
    weights: { total: 10, nonZero: 2 },
    inputDensity: 0.5,
    packingEfficiency: 1,
    macs: { dense: 100, weightSparse: 20, bothSparse: 5 },
    activations: { kind: 'none', k: null, scope: null, tieRate: null, clipRate: null },
  })),
  notes: [],
  warnings: [],
};

const all = [facts('dense', 600), facts('sparse-dense', 300), facts('sparse-sparse', 100)];

describe('a report', () => {
  it('follows its schema', () => {
    const report = buildReport(base, board, all);
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
    expect(Object.keys(report.variants)).toEqual([...variantNames]);
  });

  it('compares sparse-sparse with dense', () => {
    const { ratios } = buildReport(base, board, all);
    expect(ratios).toMatchObject({ macLimit: 20, reason: null });
    expect(ratios.throughput).toBeCloseTo(6);
    expect(ratios.latency).toBeCloseTo(6);
    expect(ratios.shareOfLimit).toBeCloseTo(6 / 20);
    expect(ratios.energy).toBeGreaterThan(1);
    expect(ratios.energyRange?.p10).toBeLessThan(ratios.energyRange?.p90 ?? 0);
    expect(ratios.chain.map((link) => link.macLimit)).toEqual([1, 5, 20]);
    expect(ratios.chain.map((link) => Math.round(link.throughputRatio ?? 0))).toEqual([1, 2, 6]);
  });

  it('tells energies and their ratios by what they take in', () => {
    const report = buildReport(base, board, all);
    const { energy } = report.variants['sparse-sparse'] ?? {};
    expect(energy?.scopes?.device.nominal).toBeCloseTo(energy?.perInferenceUj.nominal ?? 0, 9);
    expect(energy?.scopes?.dynamic.p50).toBeLessThan(energy?.scopes?.device.p50 ?? 0);
    expect(energy?.scopes?.board).toBeNull();
    expect(energy?.scopes?.boardReason).toMatch(/zcu104 draws at rest: .* no floorWatts/);
    expect(energy?.sensitivity?.[0]?.quantity).toBeDefined();
    const { energyRatios, energyRange, energy: nominal } = report.ratios;
    expect(energyRatios?.map(({ of, over }) => `${of}/${over}`)).toEqual([
      'dense/sparse-dense',
      'dense/sparse-sparse',
      'sparse-dense/sparse-sparse',
    ]);
    expect(energyRatios?.[1]?.scopes.device).toMatchObject(energyRange ?? {});
    expect(energyRatios?.[1]?.scopes.device.nominal).toBeCloseTo(nominal ?? 0, 9);
    const measured = { ...board, floorWatts: { low: 10, nominal: 11, high: 12 } };
    const withBoard = buildReport(base, measured, all).ratios.energyRatios?.[1]?.scopes;
    expect(withBoard?.boardReason).toBeNull();
    // nearly all of it is the board at rest: the ratio is that of the intervals
    expect(withBoard?.board?.p50).toBeCloseTo(6, 0);
  });

  it('has ratios of energy without dense, too', () => {
    const { energyRatios, energy } = buildReport(base, board, all.slice(1)).ratios;
    expect(energy).toBeNull();
    expect(energyRatios?.map(({ of, over }) => `${of}/${over}`)).toEqual([
      'sparse-dense/sparse-sparse',
    ]);
  });

  it('tells throughput of all copies and of one', () => {
    const report = buildReport(base, board, all);
    const { timing, copies } = report.variants['sparse-sparse'] ?? {};
    expect(timing?.throughputPerSecond).toBeCloseTo(1e6);
    expect(timing?.throughputPerSecondOneCopy).toBeCloseTo(1e6 / (copies ?? 0));
  });

  it.each([
    ['dense was not requested', all.slice(1)],
    ['sparse-sparse was not requested', all.slice(0, 2)],
    ['sparse-sparse: it was not simulated', [...all.slice(0, 2), facts('sparse-sparse', null)]],
  ])('has no ratios because %s', (reason, given) => {
    const { ratios } = buildReport(base, board, given);
    expect(ratios).toMatchObject({ throughput: null, latency: null, energy: null, reason });
    expect(ratios.macLimit).toBe(20);
  });

  it('says what a variant exceeds, by what factor', () => {
    const small = { ...board, resources: { ...board.resources, dsp: 1 }, usableShare: 1 };
    const dense = facts('dense', null);
    const report = buildReport(base, small, [dense, ...all.slice(1)]);
    const { resources } = report.variants.dense ?? {};
    expect(resources?.fits).toBe(false);
    expect(resources?.exceeded).toEqual({ resource: 'dsp', factor: resources?.dsp });
    expect(report.ratios.reason).toMatch(/^dense needs .* the DSP of the board$/);
  });

  it('believes a synthesis tool before the model', () => {
    const counted = { lut: 123, ff: 45, bram36: 1.5, uram: 0, dsp: 6 };
    const synthesis = { synthesisVersion: 1 as const, tool: 'Yosys 0.23', resources: counted };
    const report = buildReport(base, board, [{ ...facts('dense', 600), synthesis }]);
    expect(report.variants.dense?.resources).toMatchObject({ ...counted, source: 'Yosys 0.23' });
  });

  it('tells what it counted layer by layer', () => {
    const cells = { lut: 5, ff: 4, bram36: 0.5, uram: 0, dsp: 1 };
    const path = { levels: 4.5, luts: 4, carryBits: 6, chains: 0, muxes: 0, nets: ['a', 'b', 'c'] };
    const unit = { unit: 'engine_tail', instances: 2, resources: cells, path };
    const silent = { unit: 'stream_register', instances: 1, resources: cells, path: null };
    const synthesis = {
      ...{ synthesisVersion: 1 as const, tool: 'Yosys 0.23', resources: cells },
      layers: [{ layer: 1, resources: cells, units: [unit, silent] }],
    };
    const report = buildReport(base, board, [{ ...facts('dense', 600), synthesis }]);
    const layers = report.variants.dense?.layers ?? [];
    expect(layers[0]).not.toHaveProperty('synthesis');
    expect(layers[1]?.synthesis).toEqual({
      ...cells,
      units: [
        {
          ...{ unit: 'engine_tail', instances: 2, ...cells },
          path: { levels: 4.5, from: 'a', to: 'c' },
        },
        { unit: 'stream_register', instances: 1, ...cells, path: null },
      ],
    });
    expect(parseReport(JSON.parse(JSON.stringify(report)))).toEqual(report);
  });

  it('warns of the first difference', () => {
    const [dense, ...rest] = all;
    const wrong = dense?.measurement ?? measurement(shape, 600);
    const measured = { ...wrong, mismatches: 2, differences: ['layer 1 is wrong', 'and 2'] };
    const given = [{ ...facts('dense', null), plan: shape, measurement: measured }, ...rest];
    expect(buildReport(base, board, given).warnings).toEqual([
      'dense does not equal the reference: layer 1 is wrong',
    ]);
  });
});
