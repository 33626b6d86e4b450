import { describe, expect, it } from 'vitest';
import { describePath } from '../../src/synthesize/describe-path.ts';
import { longestPath, longestPaths } from '../../src/synthesize/logic-depth.ts';
import type { LogicPath } from '../../src/synthesize/logic-depth.ts';
import { parseNetlist } from '../../src/synthesize/netlist.ts';

type Connections = Readonly<Record<string, readonly (number | string)[]>>;

interface TestCell {
  readonly type: string;
  readonly inputs: Connections;
  readonly outputs: Connections;
  readonly parameters?: Readonly<Record<string, string>>;
}

interface TestModule {
  readonly inputs?: Connections;
  readonly outputs?: Connections;
  readonly cells: Readonly<Record<string, TestCell>>;
  readonly names?: Connections;
}

const directed = (connections: Connections, direction: string): [string, string][] =>
  Object.keys(connections).map((port) => [port, direction]);

/** As `write_json` of Yosys writes it, with a primitive among the modules. */
function netlistText(modules: Readonly<Record<string, TestModule>>): string {
  const written = Object.entries(modules).map(([name, { inputs = {}, outputs = {}, ...rest }]) => {
    const ports = Object.entries({ ...inputs, ...outputs }).map(([port, bits]) => [
      port,
      { direction: port in inputs ? 'input' : 'output', bits },
    ]);
    const cells = Object.entries(rest.cells).map(([cell, value]) => [
      cell,
      {
        type: value.type,
        parameters: value.parameters ?? {},
        port_directions: Object.fromEntries([
          ...directed(value.inputs, 'input'),
          ...directed(value.outputs, 'output'),
        ]) as object,
        connections: { ...value.inputs, ...value.outputs },
      },
    ]);
    const netnames = Object.entries(rest.names ?? {}).map(([net, bits]) => [
      net,
      { hide_name: 0, bits },
    ]);
    const [p, c, n] = [ports, cells, netnames].map((list) => Object.fromEntries(list) as object);
    return [name, { attributes: {}, ports: p, cells: c, netnames: n }];
  });
  const lut1 = { attributes: { whitebox: '1' }, ports: {}, cells: {}, netnames: {} };
  return JSON.stringify({ modules: { LUT1: lut1, ...(Object.fromEntries(written) as object) } });
}

const pathOf = (modules: Readonly<Record<string, TestModule>>): LogicPath =>
  longestPath(parseNetlist(netlistText(modules)), 'top');

const flipFlop = (d: number, q: number): TestCell => ({
  type: 'FDRE',
  inputs: { C: [1], CE: ['1'], D: [d], R: ['0'] },
  outputs: { Q: [q] },
});

const lut = (inputs: readonly number[], output: number): TestCell => ({
  type: `LUT${String(inputs.length)}`,
  inputs: Object.fromEntries(inputs.map((bit, at) => [`I${String(at)}`, [bit]])),
  outputs: { O: [output] },
});

/** One CARRY4: sums of bits 20 to 23 (S) and 30 to 33 (DI) at 40 to 43, carries at 50 to 53. */
const carry: TestCell = {
  type: 'CARRY4',
  inputs: { CI: [10], CYINIT: ['0'], S: [20, 21, 22, 23], DI: [30, 31, 32, 33] },
  outputs: { O: [40, 41, 42, 43], CO: [50, 51, 52, 53] },
};

describe('longest path', () => {
  it('counts LUTs between registers, the longest way of several', () => {
    const cells = {
      ...{ first: flipFlop(9, 2), second: flipFlop(5, 9) },
      ...{ a: lut([2], 3), b: lut([3, 2], 4), c: lut([2, 4, 3], 5) },
    };
    const path = pathOf({ top: { cells, names: { start_q: [2], middle: [4], end_q: [9] } } });
    expect(path).toMatchObject({ levels: 3, luts: 3, nets: ['start_q', 'middle', 'end_q'] });
  });

  // the carry of three words, and the sum with the carry from below
  it.each([
    ['O5 does not depend on', 4, 1],
    ['O6 does', 5, 2],
  ])('knows what a LUT with two outputs looks at: %s the carry from below', (_, end, levels) => {
    const init = BigInt('0x69966996e8e8e8e8').toString(2).padStart(64, '0');
    const half = (inputs: Connections, outputs: Connections): TestCell => {
      return { type: 'LUT6_2', inputs, outputs, parameters: { INIT: init } };
    };
    const cells = {
      ...{ start: flipFlop(9, 2), end: flipFlop(end, 8) },
      below: half({ I0: [2], I3: ['0'] }, { O5: [3], O6: [6] }),
      above: half({ I0: [2], I3: [3], I4: ['0'], I5: ['1'] }, { O5: [4], O6: [5] }),
    };
    expect(pathOf({ top: { cells } })).toMatchObject({ levels, luts: levels });
  });

  it('takes a 24-bit carry chain between two LUTs for five levels', () => {
    const chain = Array.from({ length: 6 }, (_, at): [string, TestCell] => [
      `carry${String(at)}`,
      {
        type: 'CARRY4',
        inputs: { CI: [at === 0 ? '0' : 100 + at], CYINIT: ['0'], S: [at === 0 ? 3 : '0'], DI: [] },
        outputs: { CO: ['x', 'x', 'x', 101 + at] as (number | string)[] },
      },
    ]);
    const cells = {
      ...Object.fromEntries(chain),
      ...{ start: flipFlop(9, 2), in: lut([2], 3), out: lut([106], 9) },
    };
    const path = pathOf({ top: { cells } });
    expect(path).toMatchObject({ levels: 5, luts: 2, carryBits: 24, chains: 1 });
  });

  it.each([
    ['S of the same bit to its sum', 22, 42, 1],
    ['S to a later sum', 21, 43, 1 + 2 / 12],
    ['DI of the same bit to its carry', 31, 51, 1 + 1 / 12],
    ['DI to the sum of the next bit', 31, 42, 1 + 1 / 12],
    ['carry in to the last carry', 10, 53, 4 / 12],
  ])('knows the ways through a carry block: %s', (_, from, to, levels) => {
    const cells = { carry, start: flipFlop(1, from), end: flipFlop(to, 90) };
    expect(pathOf({ top: { cells } }).levels).toBeCloseTo(levels);
  });

  it('goes from DI to its own sum in no way', () => {
    const cells = { carry, start: flipFlop(1, 31), end: flipFlop(41, 90) };
    expect(pathOf({ top: { cells } }).levels).toBe(0);
  });

  it('follows a signal through instances, there and back', () => {
    const inner: TestModule = {
      ...{ inputs: { a_i: [2, 3] }, outputs: { x_o: [5], y_o: [7] } },
      cells: {
        ...{ u: lut([2], 4), v: lut([4], 5) },
        ...{ w: lut([3], 10), z: lut([10], 6), register: flipFlop(6, 8), after: lut([8], 7) },
      },
      names: { state_q: [8], a_i: [2, 3], x_o: [5], y_o: [7] },
    };
    const unit = (a: readonly number[], x: number, y: number): TestCell => ({
      ...{ type: 'inner', inputs: { a_i: a }, outputs: { x_o: [x], y_o: [y] } },
    });
    const cells = { u_one: unit([5, 5], 6, 7), u_two: unit([7, 6], 8, 9) };
    const top = { inputs: { in_i: [5] }, outputs: { out_o: [8] }, cells, names: { in_i: [5] } };
    expect(pathOf({ inner, top })).toMatchObject({
      levels: 4,
      nets: [...['in_i', 'u_one.a_i[0]', 'u_one.x_o', 'u_two.a_i[1]', 'u_two.state_q']],
    });
    const shorter = { ...top, cells: { u_one: unit([5, 5], 6, 7), u_two: unit([7, 5], 8, 9) } };
    expect(pathOf({ inner, top: shorter })).toMatchObject({
      levels: 3,
      nets: ['u_one.state_q', 'u_one.y_o', 'u_two.a_i[0]', 'u_two.x_o'],
    });
  });

  it('begins at block memories late and passes LUT memories as LUTs', () => {
    const block = { type: 'RAMB36E2', inputs: { CLKARDCLK: [1] }, outputs: { DOUTADOUT: [2] } };
    const shallow: TestCell = {
      type: 'RAM64M8',
      inputs: { ADDRA: [2], ADDRH: [2], DIA: [2], WE: ['1'], WCLK: [1] },
      outputs: { DOA: [3], DOB: [4] },
    };
    const cells = { block, shallow, end: flipFlop(3, 9) };
    expect(pathOf({ top: { cells } })).toMatchObject({ levels: 3, luts: 1 });
    // From the address of another port there is no way to this one.
    expect(pathOf({ top: { cells: { ...cells, end: flipFlop(4, 9) } } }).levels).toBe(2);
  });

  it.each([
    ['all of it without registers', {}, 1 + 5],
    ['from its registers on', { AREG: '01', BREG: '1', CREG: '1', DREG: '1' }, 5],
    ['to the register of its product', { MREG: '1' }, 1 + 4],
    ['nothing with all registers', { AREG: '1', BREG: '1', MREG: '1', PREG: '1' }, 1],
  ])('knows the registers of a multiplier block: %s', (_, parameters, levels) => {
    const dsp: TestCell = {
      ...{ type: 'DSP48E2', inputs: { A: [4], B: [4] }, outputs: { P: [5] }, parameters },
    };
    const cells = { start: flipFlop(5, 2), in: lut([2], 4), dsp };
    expect(pathOf({ top: { cells } }).levels).toBe(levels);
  });

  it('has no answer for loops and cells nobody knows', () => {
    const loop = { a: lut([3], 2), b: lut([2], 3), end: flipFlop(3, 9) };
    expect(() => pathOf({ top: { cells: loop, names: { round: [2] } } })).toThrow(
      'no combinational loop through',
    );
    const unknown = { u: { type: 'GTY', inputs: {}, outputs: { Q: [2] } }, end: flipFlop(2, 9) };
    expect(() => pathOf({ top: { cells: unknown } })).toThrow('a cell GTY');
  });

  it('is found for every module, without what is within one instance', () => {
    // a LUT from register to register inside, and another one behind its output
    const inner: TestModule = {
      outputs: { q: [2] },
      cells: { from: flipFlop(3, 2), step: lut([2], 3) },
    };
    const modules = {
      top: {
        cells: {
          u: { type: 'inner', inputs: {}, outputs: { q: [5] } },
          ...{ a: lut([5], 6), b: lut([6], 7), end: flipFlop(7, 8) },
        },
      },
      inner,
    };
    const found = longestPaths(parseNetlist(netlistText(modules)), 'top');
    expect(found.map(({ module, path }) => [module, path.levels])).toEqual(
      expect.arrayContaining([
        ['top', 2],
        ['inner', 1],
      ]),
    );
    expect(found).toHaveLength(2);
    expect(pathOf(modules).levels).toBe(2);
  });

  it('is told in one line', () => {
    const path = { levels: 4.75, luts: 3, carryBits: 8, chains: 1, muxes: 0, twelfths: 57 };
    expect(describePath({ ...path, nets: ['a', 'b', 'c'] })).toBe(
      '4.8 LUT levels (3 LUTs, 8 carry bits in 1 chain), from a to c',
    );
  });
});
