import { beforeAll, describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/base/invariant.ts';
import { estimateEnergy } from '../../src/estimate/energy.ts';
import type { EventCount } from '../../src/estimate/energy-event.ts';
import { energyEvents } from '../../src/estimate/energy-event.ts';
import { energyRatio } from '../../src/estimate/energy-ratio.ts';
import { memoryWidthScale } from '../../src/estimate/energy-units.ts';
import type { EnergySubject } from '../../src/estimate/energy-scopes.ts';
import type { Board } from '../../src/ir/board.ts';
import { readBoard } from '../../src/read/board.ts';

let board: Board;
beforeAll(async () => {
  board = await readBoard('alveo-u250');
});

const idle = { cyclesPerInference: 0, clockMHz: 250 };

/** Nominal picojoules of one event. */
function nominalPicojoules(event: EventCount['event'], widthBits?: number): number {
  const count: EventCount = { layer: null, event, category: 'control', perInference: 1e6 };
  const withWidth = widthBits === undefined ? count : { ...count, widthBits };
  return estimateEnergy([withWidth], board, idle).perInferenceUj.nominal;
}

describe('estimateEnergy', () => {
  it('charges each event what the table says', () => {
    const charged = Object.fromEntries(
      energyEvents.map((event) => [event, nominalPicojoules(event)]),
    );
    const expected = {
      'multiply-dsp': 3.5,
      'multiply-dsp-wide': 4.5,
      'dsp-idle-cycle': 3.5 * 0.05,
      'multiply-lut': 7,
      'bram-read': 8,
      'bram-write': 9.6,
      'bram-idle-cycle': 0.8,
      'uram-read': 25,
      'uram-write': 30,
      'uram-idle-cycle': 2.5,
      'lutram-bit': 0.27,
      'lut-toggle': 0.25 * 1.2,
      'ff-toggle': 0.14,
      'clock-ff-cycle': 0.02,
      'dram-bit': 20,
    };
    expect(Object.keys(charged).sort()).toEqual(Object.keys(expected).sort());
    for (const event of energyEvents) expect(charged[event], event).toBeCloseTo(expected[event], 9);
  });

  it('scales memories by width and takes more blocks for wide words', () => {
    expect(memoryWidthScale(72)).toBe(1);
    expect(memoryWidthScale(36)).toBe(0.75);
    expect(memoryWidthScale(144)).toBe(2);
    expect(memoryWidthScale(80)).toBeCloseTo(1 + 40 / 72, 12);
    expect(nominalPicojoules('bram-read', 36)).toBeCloseTo(6, 9);
  });

  it('takes a BRAM18 for 0.6 of a BRAM36 whose words are twice as wide', () => {
    expect(memoryWidthScale(36, 0.5)).toBeCloseTo(0.6, 12);
    expect(memoryWidthScale(18, 0.5)).toBeCloseTo(0.45, 12);
    expect(memoryWidthScale(108, 1.5)).toBeCloseTo(1.6, 12);
    // spread over the bits of deep blocks
    expect(memoryWidthScale(36, 4)).toBeCloseTo(4 * (0.5 + 0.5 / 8), 12);
  });

  it('charges static power over the interval', () => {
    const timing = { cyclesPerInference: 250, clockMHz: 250 };
    const { perInferenceUj, breakdownUj } = estimateEnergy([], board, timing);
    // One microsecond of 3, 4.6 and 12 W.
    expect(perInferenceUj.low).toBeCloseTo(3, 9);
    expect(perInferenceUj.nominal).toBeCloseTo(4.6, 9);
    expect(perInferenceUj.high).toBeCloseTo(12, 9);
    expect(breakdownUj.static).toEqual(perInferenceUj);
    const half = estimateEnergy([], board, { ...timing, staticShare: 0.5 });
    expect(half.perInferenceUj.nominal).toBeCloseTo(2.3, 9);
  });

  it('splits by category and by layer without losing any', () => {
    const events: readonly EventCount[] = [
      { layer: 'conv1', event: 'multiply-dsp', category: 'multiply', perInference: 1e6 },
      { layer: 'conv1', event: 'bram-read', category: 'weights', perInference: 2e5, widthBits: 40 },
      { layer: 'linear1', event: 'multiply-lut', category: 'multiply', perInference: 3e5 },
      { layer: null, event: 'clock-ff-cycle', category: 'clock', perInference: 5e7 },
    ];
    const estimate = estimateEnergy(events, board, { cyclesPerInference: 100, clockMHz: 250 });
    for (const corner of ['low', 'nominal', 'high'] as const) {
      const categories = Object.values(estimate.breakdownUj).reduce(
        (sum, bracket) => sum + bracket[corner],
        0,
      );
      const layers = estimate.layers.reduce((sum, layer) => sum + layer.perInferenceUj[corner], 0);
      expect(categories).toBeCloseTo(estimate.perInferenceUj[corner], 9);
      expect(layers + estimate.breakdownUj.static[corner]).toBeCloseTo(
        estimate.perInferenceUj[corner],
        9,
      );
    }
    expect(estimate.layers.map((layer) => layer.layer)).toEqual(['conv1', 'linear1', null]);
    expect(estimate.breakdownUj.multiply.nominal).toBeCloseTo(3.5 + 2.1, 9);
    expect(estimate.perInferenceUj.low).toBeLessThan(estimate.perInferenceUj.nominal);
    expect(estimate.assumptions.join(' ')).toMatch(/Static power 3 to 12 W/);
  });

  it('refuses impossible counts as a bug of ours', () => {
    const count: EventCount = {
      layer: 'x',
      event: 'ff-toggle',
      category: 'control',
      perInference: -1,
    };
    expect(() => estimateEnergy([count], board, idle)).toThrow(InvariantError);
    expect(() => estimateEnergy([{ ...count, perInference: Number.NaN }], board, idle)).toThrow(
      InvariantError,
    );
  });
});

/** Of the device, which every board has. */
function ratioOf(a: EnergySubject, b: EnergySubject) {
  const ratio = energyRatio(a, b, board);
  if (ratio === null) throw new Error('every board has static power');
  return ratio;
}

describe('energyRatio', () => {
  const timing = { cyclesPerInference: 1000, clockMHz: 250 };
  const multiplies = (perInference: number): readonly EventCount[] => [
    { layer: null, event: 'multiply-dsp', category: 'multiply', perInference },
  ];

  it('is certain where both designs do the same things', () => {
    const twice = { ...timing, cyclesPerInference: 2000 };
    const ratio = ratioOf(
      { events: multiplies(2e6), timing: twice },
      { events: multiplies(1e6), timing },
    );
    expect(ratio.p10).toBeCloseTo(2, 12);
    expect(ratio.p50).toBeCloseTo(2, 12);
    expect(ratio.p90).toBeCloseTo(2, 12);
  });

  it('has a range where they do different things, and the same range every time', () => {
    const other: readonly EventCount[] = [
      { layer: null, event: 'multiply-lut', category: 'multiply', perInference: 1e6 },
    ];
    const a = { events: other, timing: idle };
    const b = { events: multiplies(1e6), timing: idle };
    const ratio = ratioOf(a, b);
    // 7 pJ against 3.5 pJ at the nominal values, each within its bracket.
    expect(ratio.p50).toBeGreaterThan(1.7);
    expect(ratio.p50).toBeLessThan(2.2);
    expect(ratio.p10).toBeLessThan(1.2);
    expect(ratio.p90).toBeGreaterThan(3);
    expect(ratio.p10).toBeGreaterThan(2.5 / 8);
    expect(ratio.p90).toBeLessThan(18 / 1.5);
    expect(ratioOf(a, b)).toEqual(ratio);
    const inverse = ratioOf(b, a);
    expect(inverse.p50).toBeCloseTo(1 / ratio.p50, 1);
  });
});
