import { present } from '../../src/base/invariant.ts';
import type { Resources } from '../../src/ir/board.ts';
import type { NetlistModule } from '../../src/synthesize/netlist.ts';
import { countCells } from '../../src/synthesize/xilinx-cells.ts';

/** Instances of one template side by side in a module, or one module. */
export interface Unit {
  readonly name: string;
  readonly count: number;
  /** Of all instances. */
  readonly resources: Resources;
  /** LUTs that are in no unit below. */
  readonly ownLuts: number;
  /** Of all instances, by template, largest first. */
  readonly below: readonly Unit[];
}

type Cells = Readonly<Record<string, number>>;

/** `$paramod$<hash>\name` or `$paramod\name\Parameter=…` of Yosys: the name. */
function templateOf(type: string): string {
  const [, plain] = /^\$paramod(?:\$[0-9a-f]+)?\\([A-Za-z0-9_]+)/.exec(type) ?? [];
  return plain ?? type;
}

function added(one: Cells, two: Cells): Cells {
  const sum: Record<string, number> = { ...one };
  for (const [type, count] of Object.entries(two)) sum[type] = (sum[type] ?? 0) + count;
  return sum;
}

/** The units of a synthesised design whose hierarchy was kept. */
export function unitTree(modules: ReadonlyMap<string, NetlistModule>, top: string): Unit {
  const totals = new Map<string, Cells>();
  const ownCells = (type: string): Cells => {
    const own: Record<string, number> = {};
    for (const cell of Object.values(present(modules.get(type), type).cells)) {
      if (!modules.has(cell.type)) own[cell.type] = (own[cell.type] ?? 0) + 1;
    }
    return own;
  };
  const instances = (type: string): readonly string[] =>
    Object.values(present(modules.get(type), type).cells)
      .map((cell) => cell.type)
      .filter((name) => modules.has(name));
  const total = (type: string): Cells => {
    const known = totals.get(type);
    if (known !== undefined) return known;
    const sum = instances(type).map(total).reduce(added, ownCells(type));
    totals.set(type, sum);
    return sum;
  };
  const unit = (name: string, types: readonly string[]): Unit => {
    const groups = new Map<string, string[]>();
    for (const type of types.flatMap(instances)) {
      const key = templateOf(type);
      groups.set(key, [...(groups.get(key) ?? []), type]);
    }
    const below = Array.from(groups, ([key, inner]) => unit(key, inner));
    return {
      name,
      count: types.length,
      resources: countCells(types.map(total).reduce(added, {})),
      ownLuts: countCells(types.map(ownCells).reduce(added, {})).lut,
      below: below.sort((one, two) => two.resources.lut - one.resources.lut),
    };
  };
  return unit(templateOf(top), [top]);
}
