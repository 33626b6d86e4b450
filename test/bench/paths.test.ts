import { describe, expect, it } from 'vitest';
import { copiesOnDies, describeCopies } from '../../bench/paths/copies-on-dies.ts';
import { pathLines, templatePaths } from '../../bench/paths/module-paths.ts';
import { readBoard } from '../../src/read/board.ts';
import { templateOf } from '../../src/synthesize/layer-synthesis.ts';
import type { NetlistModule } from '../../src/synthesize/netlist.ts';

type Cells = Readonly<Record<string, readonly [type: string, input: number, output: number]>>;

/** A module of cells with one input (I0, D or i) and one output (O, Q or o). */
function netlistModule(cells: Cells, ports: NetlistModule['ports'] = {}): NetlistModule {
  const pins = (type: string): readonly [string, string] =>
    type === 'FDRE' ? ['D', 'Q'] : type === 'LUT1' ? ['I0', 'O'] : ['i', 'o'];
  const entries = Object.entries(cells).map(([name, [type, input, output]]) => {
    const [from, to] = pins(type);
    return [
      name,
      {
        type,
        parameters: {},
        port_directions: { [from]: 'input', [to]: 'output' },
        connections: { [from]: [input], [to]: [output] },
      },
    ];
  });
  const named = Object.fromEntries(entries) as NetlistModule['cells'];
  return { attributes: {}, ports, cells: named, netnames: {} };
}

/** `luts` LUTs in a row between two registers. */
function chainOf(luts: number): NetlistModule {
  const chain = Array.from({ length: luts }, (_, at) => [`l${at}`, ['LUT1', at, at + 1]]);
  const cells = Object.fromEntries(chain) as Cells;
  return netlistModule({ ...cells, from: ['FDRE', 98, 0], to: ['FDRE', luts, 99] });
}

describe('npm run bench:paths', () => {
  it('knows the templates of derived modules', () => {
    expect(templateOf('$paramod$0a1b\\site_store')).toBe('site_store');
    expect(templateOf("$paramod\\site_store\\Lanes=s32'1")).toBe('site_store');
    expect(templateOf('nzflow_layer00')).toBe('nzflow_layer00');
  });

  it('ranks templates by the longest path of any of their modules', () => {
    const netlist = new Map([
      [
        'top',
        netlistModule({ a: ['$paramod$1\\x', 1, 2], b: ['$paramod$2\\x', 3, 4], c: ['y', 5, 6] }),
      ],
      ['$paramod$1\\x', chainOf(3)],
      ['$paramod$2\\x', chainOf(6)],
      ['y', chainOf(5)],
    ]);
    const paths = templatePaths(netlist, 'top');
    expect(paths.map(({ template, path }) => [template, path.levels])).toEqual([
      ['x', 6],
      ['y', 5],
    ]);
    const lines = pathLines(paths);
    expect(lines.filter((line) => line.includes('LONG'))).toHaveLength(1);
    expect(lines[0]).toContain('LONG  x');
  });

  it('counts the copies that fit whole into a die', async () => {
    const board = await readBoard('alveo-u250');
    expect(board.dies).toBe(4);
    const copy = chainOf(86_401);
    const design = (copies: number): ReadonlyMap<string, NetlistModule> => {
      const cells = Array.from({ length: copies }, (_, at) => [`u${at}`, ['nzflow_copy', at, at]]);
      return new Map([
        ['top', netlistModule(Object.fromEntries(cells) as Cells)],
        ['nzflow_copy', copy],
      ]);
    };
    // 345,600 LUTs a die: a quarter of 80 % of all
    const four = copiesOnDies(design(12), 'top', board);
    expect(four).toMatchObject({ copies: 12, perDie: 3, dies: 4, fits: true });
    expect(describeCopies(four)).toContain('12 of 86401 LUT');
    expect(copiesOnDies(design(13), 'top', board).fits).toBe(false);
  });
});
