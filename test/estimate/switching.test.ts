import { describe, expect, it } from 'vitest';
import type { EventCount } from '../../src/estimate/energy-event.ts';
import { switchingActivity } from '../../src/estimate/switching.ts';
import { activityTcl } from '../../src/synthesize/vivado/activity-tcl.ts';

const resources = { lut: 100, ff: 50, bram36: 2, uram: 0, dsp: 4 };
const cycles = 1000;

function event(name: EventCount['event'], perInference: number, blocks?: number): EventCount {
  const common = { layer: null, event: name, category: 'control' as const, perInference };
  return blocks === undefined ? common : { ...common, widthBits: 72 * blocks, blocks };
}

describe('switching activity', () => {
  it('is events over cells and cycles', () => {
    const activity = switchingActivity(
      [
        event('ff-toggle', 10_000),
        event('ff-toggle', 2_500),
        event('lut-toggle', 20_000),
        event('multiply-dsp', 1000),
        event('multiply-dsp-wide', 600),
        event('bram-read', 100, 2),
        event('bram-idle-cycle', 900, 2),
        event('bram-read', 0.5 * cycles, 1),
        event('bram-idle-cycle', 0.5 * cycles, 1),
        event('bram-write', 300, 1),
      ],
      resources,
      cycles,
    );
    expect(activity.register).toEqual({ togglesPerCycle: 0.25, probability: 0.5 });
    expect(activity.lut).toEqual({ togglesPerCycle: 0.2, probability: 0.5 });
    expect(activity.dsp).toEqual({ togglesPerCycle: 0.2, probability: 0.5 });
    // a memory of two blocks read in a tenth of the cycles, one of one in half of them
    expect(activity.bramEnable?.probability).toBeCloseTo((0.1 * 2 + 0.5) / 3, 12);
    expect(activity.bramEnable?.togglesPerCycle).toBeCloseTo(2 * (0.7 / 3) * (2.3 / 3), 12);
    expect(activity.bramWriteEnable?.probability).toBeCloseTo(0.1, 12);
  });

  it('has nothing to say of cells that are not there', () => {
    const none = switchingActivity([event('ff-toggle', 1)], { ...resources, dsp: 0 }, cycles);
    expect(none.dsp).toBeNull();
    expect(none.bramEnable).toBeNull();
  });
});

describe('Tcl for the power analysis of Vivado', () => {
  const text = activityTcl('dense', {
    register: { togglesPerCycle: 0.123456789, probability: 0.5 },
    lut: { togglesPerCycle: 0, probability: 0.5 },
    dsp: null,
    bramEnable: { togglesPerCycle: 0.5, probability: 0.9 },
    bramWriteEnable: { togglesPerCycle: 0, probability: 0 },
  });

  it('has a rate and a probability for every kind of cell there is, each suiting the other', () => {
    expect(text.split('\n').filter((line) => line.includes('-type'))).toEqual([
      'set_switching_activity -type {register} -toggle_rate 12.3457 -static_probability 0.5 -all',
      // what never changes is steady
      'set_switching_activity -type {lut} -toggle_rate 0 -static_probability 1 -all',
      // 1 in nine of ten cycles: it changes in two of ten at most
      'set_switching_activity -type {bram_enable} -toggle_rate 20 -static_probability 0.9 -all',
      'set_switching_activity -type {bram_wr_enable} -toggle_rate 0 -static_probability 0 -all',
    ]);
  });
});
