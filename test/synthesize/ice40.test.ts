import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/base/diagnostics.ts';
import type { Plan } from '../../src/ir/plan.ts';
import { cellsBelow } from '../../src/synthesize/layer-synthesis.ts';
import { alone, markAlone } from '../../src/synthesize/logic-cells.ts';
import type { NetlistCell } from '../../src/synthesize/netlist.ts';
import { readBoard } from '../../src/read/board.ts';
import { familySynthesis } from '../../src/synthesize/family-synthesis.ts';
import { pinFile, serialLine } from '../../src/synthesize/ice40/board-top.ts';
import { ice40Device } from '../../src/synthesize/ice40/device.ts';
import { placedDesign } from '../../src/synthesize/ice40/read-report.ts';
import {
  countEcp5Cells,
  countIce40Cells,
  countIntelCells,
} from '../../src/synthesize/other-cells.ts';

describe('the part of a board', () => {
  it('is what nextpnr calls it', async () => {
    expect(ice40Device(await readBoard('ice40hx8k'))).toMatchObject({
      option: '--hx8k',
      package: 'ct256',
      synthesis: '-device hx',
    });
    expect(ice40Device(await readBoard('icebreaker'))).toMatchObject({
      option: '--up5k',
      package: 'sg48',
      synthesis: '-device u -dsp',
    });
  });

  it('has to be an iCE40 with pins that are known', async () => {
    const board = await readBoard('ice40hx8k');
    expect(() => ice40Device({ ...board, part: 'iCE40HX8K' })).toThrow(/no iCE40 part/);
    expect(() => ice40Device({ ...board, pins: null })).toThrow(/pins of ice40hx8k are not known/);
    const other = await readBoard('ultra96');
    expect(() => ice40Device(other)).toThrow(UserError);
  });
});

describe('the pins', () => {
  it('are lines of a constraint file', async () => {
    const { pins } = ice40Device(await readBoard('icebreaker'));
    expect(pinFile(pins).content.split('\n')).toEqual([
      'set_io clk_i 35',
      'set_io serial_i 6',
      'set_io serial_o 9',
      'set_io -pullup yes button_ni 10',
      '',
    ]);
  });
});

describe('the serial line', () => {
  const plan = {
    variant: 'sparse-sparse',
    input: { beatBits: 8, beatsPerInference: 256 },
    output: { beatBits: 32, beatsPerInference: 12 },
  } as Plan;

  it('is as fast as the clock can make it', () => {
    expect(serialLine(plan, 12, 1000)).toEqual({
      baud: 921_600,
      divider: 13,
      bytesIn: 256,
      bytesOut: 48,
    });
    // nine cycles a bit are 3.5 % off 115,200 baud, 17 are 2.1 % off 57,600
    expect(serialLine(plan, 1, 1000)).toMatchObject({ baud: 38_400, divider: 26 });
  });

  it('brings no inference before the one before is taken', () => {
    // at 460,800 baud 26 cycles a bit: 66,560 an inference
    expect(serialLine(plan, 12, 66_560)).toMatchObject({ baud: 460_800, divider: 26 });
    expect(serialLine(plan, 12, 66_561)).toMatchObject({ baud: 230_400, divider: 52 });
  });

  it('is refused where no usual rate is slow enough', () => {
    expect(() => serialLine(plan, 12, 1e9)).toThrow(/no usual rate/);
  });
});

describe('what nextpnr reports', () => {
  const report = {
    fmax: { clk: { achieved: 31.25, constraint: 12 }, other: { achieved: 40, constraint: 12 } },
    utilization: {
      ICESTORM_LC: { available: 7680, used: 6000 },
      ICESTORM_RAM: { available: 32, used: 30 },
    },
  };

  it('is read: cells, block memories, the slowest clock', () => {
    expect(placedDesign(JSON.stringify(report))).toEqual({
      resources: { lut: 6000, ff: 0, bram36: 30, uram: 0, dsp: 0 },
      maximumClockMHz: 31.25,
    });
  });

  it('is refused without a clock', () => {
    expect(() => placedDesign(JSON.stringify({ ...report, fmax: {} }))).toThrow(/no clock/);
    expect(() => placedDesign('{}')).toThrow();
  });
});

describe('logic cells', () => {
  const cell = (type: string, connections: Readonly<Record<string, number>>): NetlistCell => ({
    type,
    parameters: {},
    port_directions: Object.fromEntries(
      Object.keys(connections).map((port) => [
        port,
        ['O', 'Q', 'CO'].includes(port) ? 'output' : 'input',
      ]),
    ),
    connections: Object.fromEntries(
      Object.entries(connections).map(([port, net]) => [port, [net]]),
    ),
  });
  const cells = {
    table: cell('SB_LUT4', { I1: 2, I2: 3, I3: 4, O: 5 }),
    behind: cell('SB_DFFE', { D: 5, Q: 6 }),
    shared: cell('SB_LUT4', { I1: 2, I2: 6, O: 7 }),
    beside: cell('SB_DFF', { D: 7, Q: 8 }),
    reader: cell('SB_LUT4', { I0: 7, O: 9 }),
    shifted: cell('SB_DFFSR', { D: 6, Q: 10 }),
    sum: cell('SB_CARRY', { I0: 2, I1: 3, CI: 4, CO: 11 }),
    twice: cell('SB_CARRY', { I0: 2, I1: 3, CI: 11, CO: 12 }),
    compare: cell('SB_CARRY', { I0: 8, I1: 9, CI: 12, CO: 13 }),
    block: cell('SB_RAM40_4K', { WADDR: 13 }),
    inner: cell('inner', {}),
  };
  const netlist = new Map([
    ['top', { attributes: {}, ports: {}, netnames: {}, cells }],
    ['inner', { attributes: {}, ports: {}, netnames: {}, cells: { lone: cells.shifted } }],
  ]);

  it('hold a look-up table, the register behind it and the carry of its inputs', () => {
    const marked = Object.entries(markAlone(netlist).get('top')?.cells ?? {});
    const lone = marked.filter(([, { type }]) => type.startsWith(alone)).map(([name]) => name);
    expect(lone).toEqual(['beside', 'shifted', 'twice', 'compare']);
  });

  it('are counted in modules of modules', () => {
    const counted = countIce40Cells(cellsBelow(markAlone(netlist), 'top'));
    expect(counted).toEqual({ lut: 3 + 4 + 1, ff: 4, bram36: 1, uram: 0, dsp: 0 });
  });
});

describe('cells that Yosys makes', () => {
  it('are counted as the data sheets do', () => {
    const ice40 = {
      SB_LUT4: 10,
      SB_DFFESR: 3,
      SB_DFF: 2,
      SB_RAM40_4KNR: 2,
      SB_RAM40_4K: 1,
      SB_CARRY: 9,
      SB_MAC16: 1,
    };
    expect(countIce40Cells(ice40)).toEqual({ lut: 10, ff: 5, bram36: 3, uram: 0, dsp: 1 });
    const ecp5 = {
      LUT4: 10,
      CCU2C: 2,
      TRELLIS_DPR16X4: 1,
      TRELLIS_FF: 7,
      PDPW16KD: 1,
      DP16KD: 1,
      MULT18X18D: 2,
      PFUMX: 5,
    };
    expect(countEcp5Cells(ecp5)).toEqual({ lut: 20, ff: 7, bram36: 2, uram: 0, dsp: 2 });
    const intel = {
      MISTRAL_ALUT6: 3,
      MISTRAL_ALUT4: 4,
      MISTRAL_ALUT_ARITH: 2,
      MISTRAL_MLAB: 20,
      MISTRAL_FF: 9,
      MISTRAL_M10K: 2,
      MISTRAL_MUL27X27: 1,
      MISTRAL_MUL18X18: 2,
    };
    expect(countIntelCells(intel)).toEqual({ lut: 16, ff: 9, bram36: 2, uram: 0, dsp: 2 });
  });

  it('are none of Stratix 10', async () => {
    const board = await readBoard('stratix10-gx2800');
    expect(() => familySynthesis(board)).toThrow(/Yosys has no cells of Stratix 10/);
  });
});
