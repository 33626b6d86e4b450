import type { Resources } from '../ir/board.ts';
import { longestPaths } from './logic-depth.ts';
import type { LogicPath } from './logic-depth.ts';
import type { NetlistModule } from './netlist.ts';

/** All instances of a template in a layer of one copy, whatever their parameters. */
export interface UnitSynthesis {
  /** Its name in hdl-templates, or the module of the layer itself. */
  readonly unit: string;
  readonly instances: number;
  /** Of its own cells; those of units inside it are theirs. */
  readonly resources: Resources;
  /** The longest path that no unit inside holds alone; null where there is none, or delays are not known. */
  readonly path: LogicPath | null;
}

/** A layer of one copy. */
export interface LayerSynthesis {
  /** Place in the plan. */
  readonly layer: number;
  readonly resources: Resources;
  /** Longest first. */
  readonly units: readonly UnitSynthesis[];
}

type CountCells = (cells: Readonly<Record<string, number>>) => Resources;

const noResources: Resources = { lut: 0, ff: 0, bram36: 0, uram: 0, dsp: 0 };

/**
 * Layers of a netlist that keeps its hierarchy, in the order of the plan: what each takes, and the longest path
 * in each of its units. Ports of a layer count as registers.
 */
export function layersOfNetlist(
  modules: ReadonlyMap<string, NetlistModule>,
  count: CountCells,
  timed: boolean,
): readonly LayerSynthesis[] {
  const layers = [...modules.keys()].flatMap((module) => {
    const index = /^nzflow_layer(\d+)$/.exec(module)?.[1];
    return index === undefined ? [] : [{ module, layer: Number(index) }];
  });
  return layers
    .sort((a, b) => a.layer - b.layer)
    .map(({ module, layer }) => {
      const units = unitsOf(modules, module, count, timed);
      const resources = units.reduce((sum, unit) => plus(sum, unit.resources), noResources);
      return { layer, resources, units };
    });
}

function unitsOf(
  modules: ReadonlyMap<string, NetlistModule>,
  top: string,
  count: CountCells,
  timed: boolean,
): readonly UnitSynthesis[] {
  const paths = new Map(
    timed ? longestPaths(modules, top).map(({ module, path }) => [module, path]) : [],
  );
  const units = new Map<string, UnitSynthesis>();
  for (const [module, instances] of instancesBelow(modules, top)) {
    const unit = templateOf(module);
    const before = units.get(unit);
    const own = times(count(cellsOf(modules, module)), instances);
    units.set(unit, {
      unit,
      instances: (before?.instances ?? 0) + instances,
      resources: plus(before?.resources ?? noResources, own),
      path: longer(before?.path ?? null, paths.get(module) ?? null),
    });
  }
  return [...units.values()].sort((a, b) => (b.path?.levels ?? 0) - (a.path?.levels ?? 0));
}

/** How often each module is in `top`, itself once. */
function instancesBelow(
  modules: ReadonlyMap<string, NetlistModule>,
  top: string,
): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  const visit = (module: string, times: number): void => {
    found.set(module, (found.get(module) ?? 0) + times);
    const inner = new Map<string, number>();
    for (const { type } of Object.values(modules.get(module)?.cells ?? {})) {
      if (modules.has(type)) inner.set(type, (inner.get(type) ?? 0) + 1);
    }
    for (const [type, each] of inner) visit(type, times * each);
  };
  visit(top, 1);
  return found;
}

/** Cells of a module and of all below it by type. */
export function cellsBelow(
  modules: ReadonlyMap<string, NetlistModule>,
  top: string,
): Readonly<Record<string, number>> {
  const cells: Record<string, number> = {};
  for (const [module, instances] of instancesBelow(modules, top)) {
    for (const [type, each] of Object.entries(cellsOf(modules, module))) {
      cells[type] = (cells[type] ?? 0) + instances * each;
    }
  }
  return cells;
}

/** Cells of a module by type, those of instances not among them. */
function cellsOf(
  modules: ReadonlyMap<string, NetlistModule>,
  module: string,
): Readonly<Record<string, number>> {
  const cells: Record<string, number> = {};
  for (const { type } of Object.values(modules.get(module)?.cells ?? {})) {
    if (!modules.has(type)) cells[type] = (cells[type] ?? 0) + 1;
  }
  return cells;
}

/** Yosys calls a module with parameters `$paramod$<hash>\name` or `$paramod\name\<parameters>`. */
export function templateOf(module: string): string {
  const parts = module.split('\\');
  return (module.startsWith('$paramod') ? parts[1] : module) ?? module;
}

function longer(a: LogicPath | null, b: LogicPath | null): LogicPath | null {
  return a === null || (b !== null && b.twelfths > a.twelfths) ? b : a;
}

function plus(a: Resources, b: Resources): Resources {
  return {
    lut: a.lut + b.lut,
    ff: a.ff + b.ff,
    bram36: a.bram36 + b.bram36,
    uram: a.uram + b.uram,
    dsp: a.dsp + b.dsp,
  };
}

function times(each: Resources, count: number): Resources {
  return {
    lut: count * each.lut,
    ff: count * each.ff,
    bram36: count * each.bram36,
    uram: count * each.uram,
    dsp: count * each.dsp,
  };
}
