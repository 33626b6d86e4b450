import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/base/invariant.ts';
import {
  coefficientDraws,
  cornerDraw,
  energyQuantities,
  logUniform,
  percentilesOf,
  quantityBracket,
} from '../../src/estimate/coefficient-draws.ts';
import type { EventCount } from '../../src/estimate/energy-event.ts';
import { energyRatio } from '../../src/estimate/energy-ratio.ts';
import { energyByScope, scopedEnergy } from '../../src/estimate/energy-scopes.ts';
import { sensitivity } from '../../src/estimate/energy-sensitivity.ts';
import { energyCoefficients } from '../../src/ir/board.ts';
import { readBoard } from '../../src/read/board.ts';

const pynq = await readBoard('pynq-z2');
const alveo = await readBoard('alveo-u250');
/** A millisecond at 125 MHz. */
const timing = { cyclesPerInference: 125_000, clockMHz: 125 };

function events(event: EventCount['event'], perInference: number): readonly EventCount[] {
  return [{ layer: null, event, category: 'multiply', perInference }];
}

describe('draws of the coefficients', () => {
  const draws = coefficientDraws(pynq);

  it('are log-uniform on either side of nominal, which is the median', () => {
    const bracket = { low: 1, nominal: 4, high: 100 };
    expect([0, 0.25, 0.5, 0.75, 1].map((share) => logUniform(bracket, share))).toEqual([
      1, 2, 4, 20, 100,
    ]);
    for (const name of energyCoefficients) {
      const { low, nominal, high } = pynq.energyPicojoules[name];
      const values = draws.map(({ picojoules }) => picojoules[name]);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
      expect(Math.max(...values)).toBeLessThanOrEqual(high);
      const { p10, p50, p90 } = percentilesOf(values);
      expect(Math.log(p50 / nominal) / Math.log(high / low), name).toBeCloseTo(0, 1);
      expect(p10 / logUniform({ low, nominal, high }, 0.1), name).toBeCloseTo(1, 0.9);
      expect(p90 / logUniform({ low, nominal, high }, 0.9), name).toBeCloseTo(1, 0.9);
    }
  });

  it('are at least a thousand, the same every time, and each quantity goes its own way', () => {
    expect(draws.length).toBeGreaterThanOrEqual(1000);
    expect(coefficientDraws(pynq)).toEqual(draws);
    const shares = draws.map(({ picojoules, glitch }) => [picojoules['lut-toggle'], glitch]);
    const above = shares.filter(([toggle = 0, glitch = 0]) => toggle > 0.55 === glitch > 1.2);
    expect(above.length / draws.length).toBeGreaterThan(0.45);
    expect(above.length / draws.length).toBeLessThan(0.55);
  });

  it('have no floor where the board has none', () => {
    expect(draws.every(({ floorWatts }) => floorWatts !== null && floorWatts >= 1.6)).toBe(true);
    expect(coefficientDraws(alveo).every(({ floorWatts }) => floorWatts === null)).toBe(true);
    expect(quantityBracket(alveo, 'floor-watts')).toBeNull();
  });
});

describe('energy by scope', () => {
  const subject = { events: events('ff-toggle', 1e9), timing };

  it('adds static power, and instead of it the whole board at rest', () => {
    const { dynamic, device, board } = energyByScope(subject, pynq);
    expect(dynamic?.nominal).toBeCloseTo(300, 6);
    expect(device?.nominal).toBeCloseTo(300 + 130, 6);
    expect(board?.nominal).toBeCloseTo(300 + 1700, 6);
    for (const figure of [dynamic, device, board]) {
      expect(figure?.p10).toBeLessThan(figure?.p50 ?? 0);
      expect(figure?.p50).toBeLessThan(figure?.p90 ?? 0);
    }
    // one coefficient alone: the percentiles are its own
    expect(dynamic?.p10).toBeCloseTo(
      1000 * logUniform({ low: 0.1, nominal: 0.3, high: 0.8 }, 0.1),
      -1,
    );
  });

  it('charges a board no less than its device', () => {
    const weak = { ...pynq, floorWatts: { low: 0.01, nominal: 0.01, high: 0.01 } };
    const { device, board } = energyByScope(subject, weak);
    expect(board).toEqual(device);
  });

  it('has no board where nobody measured it', () => {
    const { device, board } = energyByScope(subject, alveo);
    expect(board).toBeNull();
    expect(device).not.toBeNull();
    expect(energyRatio(subject, subject, alveo, 'board')).toBeNull();
    expect(() => scopedEnergy(subject, alveo)(cornerDraw(alveo, 'low'), 'board')).toThrow(
      InvariantError,
    );
  });
});

describe('ratios', () => {
  it('are surer than energies: both designs share each draw', () => {
    const a = { events: [...events('ff-toggle', 2e9), ...events('lut-toggle', 1e8)], timing };
    const b = { events: events('ff-toggle', 1e9), timing };
    const width = (figure: { p10: number; p90: number } | null | undefined): number =>
      (figure?.p90 ?? 0) / (figure?.p10 ?? 1);
    const ratio = energyRatio(a, b, pynq, 'dynamic');
    expect(width(ratio)).toBeLessThan(1.3);
    expect(width(energyByScope(a, pynq).dynamic)).toBeGreaterThan(3);
    expect(ratio?.nominal).toBeCloseTo(2 + (0.1 * 0.55 * 1.2) / 0.3, 9);
  });

  it('come closer to that of the intervals the more power at rest they take in', () => {
    const slow = { ...timing, cyclesPerInference: 10 * timing.cyclesPerInference };
    const a = { events: events('ff-toggle', 2e9), timing: slow };
    const b = { events: events('ff-toggle', 1e9), timing };
    const nominal = (['dynamic', 'device', 'board'] as const).map((scope) => {
      return energyRatio(a, b, pynq, scope)?.nominal ?? 0;
    });
    expect(nominal[0]).toBeCloseTo(2, 9);
    expect(nominal[1]).toBeCloseTo((600 + 1300) / (300 + 130), 9);
    expect(nominal[2]).toBeCloseTo((600 + 17_000) / (300 + 1700), 9);
  });
});

describe('sensitivity', () => {
  const energy = scopedEnergy(
    { events: [...events('ff-toggle', 1e9), ...events('multiply-dsp', 1e6)], timing },
    pynq,
  );

  it('names what a result hangs on, one coefficient at a time, largest change first', () => {
    const swings = sensitivity(pynq, (draw) => energy(draw, 'device'));
    expect(swings.map(({ quantity }) => quantity)).toEqual([
      'ff-toggle',
      'static-watts',
      'multiply-dsp',
    ]);
    const [toggle] = swings;
    expect(toggle?.low).toBeCloseTo(100 + 7 + 130, 6);
    expect(toggle?.high).toBeCloseTo(800 + 7 + 130, 6);
  });

  it('knows the floor of a board, and every quantity there is', () => {
    const swings = sensitivity(pynq, (draw) => energy(draw, 'board'));
    expect(swings.map(({ quantity }) => quantity)).toContain('floor-watts');
    const all = sensitivity(pynq, ({ picojoules, glitch, staticWatts, floorWatts }) => {
      const sum = energyCoefficients.reduce((total, name) => total * picojoules[name], 1);
      return sum * glitch * staticWatts * (floorWatts ?? 1);
    });
    expect(all.map(({ quantity }) => quantity).sort()).toEqual([...energyQuantities].sort());
  });
});
