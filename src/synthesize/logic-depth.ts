import { invariant, present } from '../base/invariant.ts';
import type { Delay } from './cell-timing.ts';
import { addDelays, endings, noDelay, outputTiming } from './cell-timing.ts';
import type { Bit, NetlistCell, NetlistModule } from './netlist.ts';

/** The longest way between two registers, or between a register and a port. */
export interface LogicPath extends Delay {
  /** LUT levels; see `cell-timing.ts` for what else counts as how many. */
  readonly levels: number;
  /** Named nets on the way from the first register to the last, with the instances they are in. */
  readonly nets: readonly string[];
}

/** A signal on its way: how far it has come, at which net of which module, and from where. */
interface Arrival {
  readonly delay: Delay;
  readonly net: string | null;
  readonly previous: Arrival | null;
  /** What the signal went through inside an instance. */
  readonly within: { readonly instance: string; readonly arrival: Arrival } | null;
}

/** Longest ways through a module, ports as `name[index]`. */
interface ModuleTiming {
  readonly fromRegister: ReadonlyMap<string, Arrival>;
  readonly toRegister: ReadonlyMap<string, Arrival>;
  readonly through: ReadonlyMap<string, ReadonlyMap<string, Arrival>>;
  readonly longest: Arrival | null;
  /** The longest that is not within one instance. */
  readonly longestOwn: Arrival | null;
}

/** Where a signal came from: registers, or an input of the module. */
const registers = '';
type Arrivals = Map<string, Arrival>;

/**
 * The longest path of a netlist that keeps its hierarchy; each module is looked at once. Ports of
 * the top count as registers. Wires and fan-out are not seen: it is a measure for comparing and
 * for keeping pipelines honest, not a clock. Throws when there is a combinational loop.
 */
export function longestPath(modules: ReadonlyMap<string, NetlistModule>, top: string): LogicPath {
  const timing = timings(modules)(top);
  const path = [...portWays(timing), timing.longest].reduce<Arrival | null>(longer, null);
  return path === null ? { ...noDelay, levels: 0, nets: [] } : logicPath(path);
}

/** The longest of the paths that a module holds, but no instance in it. */
export interface ModulePath {
  /** As the netlist names it. */
  readonly module: string;
  readonly path: LogicPath;
}

/** The same for every module below the top that holds a path: each path of the design is at most as long as one of these. */
export function longestPaths(
  modules: ReadonlyMap<string, NetlistModule>,
  top: string,
): readonly ModulePath[] {
  const known = new Map<string, ModuleTiming>();
  const topTiming = timings(modules, known)(top);
  return [...known].flatMap(([module, timing]) => {
    const ways = module === top ? portWays(topTiming) : [];
    const own = [...ways, timing.longestOwn].reduce<Arrival | null>(longer, null);
    return own === null ? [] : [{ module, path: logicPath(own) }];
  });
}

/** Looks at a module, and keeps what it finds in `known`. */
function timings(
  modules: ReadonlyMap<string, NetlistModule>,
  known = new Map<string, ModuleTiming>(),
): (name: string) => ModuleTiming {
  const timingOf = (name: string): ModuleTiming => {
    const timing = known.get(name) ?? new ModuleWalk(modules, name, timingOf).timing();
    known.set(name, timing);
    return timing;
  };
  return timingOf;
}

function portWays({ fromRegister, toRegister, through }: ModuleTiming): readonly Arrival[] {
  return [
    ...fromRegister.values(),
    ...toRegister.values(),
    ...[...through.values()].flatMap((ways) => [...ways.values()]),
  ];
}

function logicPath(arrival: Arrival): LogicPath {
  const { delay } = arrival;
  return { ...delay, levels: delay.twelfths / 12, nets: netsOf(arrival, '') };
}

function longer(a: Arrival | null, b: Arrival | null): Arrival | null {
  return a === null || (b !== null && b.delay.twelfths > a.delay.twelfths) ? b : a;
}

function keepLonger(arrivals: Arrivals, source: string, arrival: Arrival): void {
  arrivals.set(source, longer(arrivals.get(source) ?? null, arrival) ?? arrival);
}

function netsOf(arrival: Arrival, prefix: string): string[] {
  const nets: string[] = [];
  for (let at: Arrival | null = arrival; at !== null; at = at.previous) {
    if (at.net !== null) nets.unshift(`${prefix}${at.net}`);
    if (at.within !== null) {
      nets.unshift(...netsOf(at.within.arrival, `${prefix}${at.within.instance}.`));
    }
  }
  return nets.filter((net, index) => net !== nets[index - 1]);
}

interface Driver {
  readonly cell: string;
  readonly port: string;
  readonly index: number;
}

/** One module: arrivals of its nets, asked for from its outputs and registers backwards. */
class ModuleWalk {
  readonly #module: NetlistModule;
  readonly #timingOf: (name: string) => ModuleTiming;
  readonly #modules: ReadonlyMap<string, NetlistModule>;
  readonly #drivers = new Map<Bit, Driver>();
  readonly #inputs = new Map<Bit, string>();
  readonly #names = new Map<Bit, string>();
  /** Null while a net is being looked at. */
  readonly #arrivals = new Map<Bit, Arrivals | null>();

  constructor(
    modules: ReadonlyMap<string, NetlistModule>,
    name: string,
    timingOf: (name: string) => ModuleTiming,
  ) {
    this.#modules = modules;
    this.#module = present(modules.get(name), `the module ${name}`);
    this.#timingOf = timingOf;
    for (const [port, { direction, bits }] of Object.entries(this.#module.ports)) {
      if (direction !== 'input') continue;
      bits.forEach((bit, index) => this.#inputs.set(bit, keyOf(port, index)));
    }
    for (const [cell, { port_directions, connections }] of Object.entries(this.#module.cells)) {
      for (const [port, bits] of Object.entries(connections)) {
        if (port_directions[port] !== 'output') continue;
        bits.forEach((bit, index) => this.#drivers.set(bit, { cell, port, index }));
      }
    }
    for (const [net, { hide_name, bits }] of Object.entries(this.#module.netnames)) {
      if (hide_name !== 0) continue;
      bits.forEach((bit, index) => {
        this.#names.set(bit, bits.length === 1 ? net : keyOf(net, index));
      });
    }
  }

  timing(): ModuleTiming {
    const fromRegister = new Map<string, Arrival>();
    const through = new Map<string, Map<string, Arrival>>();
    for (const [port, { direction, bits }] of Object.entries(this.#module.ports)) {
      if (direction !== 'output') continue;
      for (const [index, bit] of bits.entries()) {
        const ways = new Map(this.#arrivalsAt(bit));
        const own = ways.get(registers);
        if (own !== undefined) fromRegister.set(keyOf(port, index), own);
        ways.delete(registers);
        if (ways.size > 0) through.set(keyOf(port, index), ways);
      }
    }
    const ending: Arrivals = new Map();
    for (const [name, cell] of Object.entries(this.#module.cells)) this.#end(name, cell, ending);
    const longestOwn = ending.get(registers) ?? null;
    const longest = longer(longestOwn, this.#longestWithin());
    ending.delete(registers);
    return { fromRegister, toRegister: ending, through, longest, longestOwn };
  }

  /** Adds the ways that end in a cell to those of the module. */
  #end(name: string, cell: NetlistCell, ending: Arrivals): void {
    if (!this.#modules.has(cell.type)) {
      const net = this.#names.get(cell.connections['Q']?.[0] ?? '') ?? null;
      for (const { from, delay } of endings(cell)) this.#follow(from, delay, net, ending);
      return;
    }
    const inner = this.#timingOf(cell.type);
    for (const [port, arrival] of inner.toRegister) {
      for (const [source, previous] of this.#arrivalsAt(bitOfPort(cell, port))) {
        keepLonger(ending, source, joined(previous, name, arrival, null));
      }
    }
  }

  /** The longest path that is within one instance. */
  #longestWithin(): Arrival | null {
    let longest: Arrival | null = null;
    for (const [instance, cell] of Object.entries(this.#module.cells)) {
      if (!this.#modules.has(cell.type)) continue;
      const arrival = this.#timingOf(cell.type).longest;
      if (arrival === null) continue;
      const within = { instance, arrival };
      longest = longer(longest, { delay: arrival.delay, net: null, previous: null, within });
    }
    return longest;
  }

  #arrivalsAt(bit: Bit): ReadonlyMap<string, Arrival> {
    if (typeof bit === 'string') return new Map();
    const known = this.#arrivals.get(bit);
    invariant(known !== null, `no combinational loop through ${this.#names.get(bit) ?? 'a net'}`);
    if (known !== undefined) return known;
    this.#arrivals.set(bit, null);
    const arrivals: Arrivals = new Map();
    const input = this.#inputs.get(bit);
    const net = this.#names.get(bit) ?? null;
    if (input !== undefined) {
      arrivals.set(input, { delay: noDelay, net, previous: null, within: null });
    }
    const driver = this.#drivers.get(bit);
    if (driver !== undefined) this.#fromDriver(driver, net, arrivals);
    this.#arrivals.set(bit, arrivals);
    return arrivals;
  }

  #fromDriver({ cell: name, port, index }: Driver, net: string | null, arrivals: Arrivals): void {
    const cell = present(this.#module.cells[name], 'the driver of a net');
    if (this.#modules.has(cell.type)) {
      const { fromRegister, through } = this.#timingOf(cell.type);
      const key = keyOf(port, index);
      const own = fromRegister.get(key);
      if (own !== undefined) keepLonger(arrivals, registers, joined(null, name, own, net));
      for (const [input, way] of through.get(key) ?? []) {
        for (const [source, previous] of this.#arrivalsAt(bitOfPort(cell, input))) {
          keepLonger(arrivals, source, joined(previous, name, way, net));
        }
      }
      return;
    }
    const { start, arcs } = outputTiming(cell, port, index);
    if (start !== null) {
      keepLonger(arrivals, registers, { delay: start, net, previous: null, within: null });
    }
    for (const { from, delay } of arcs) this.#follow(from, delay, net, arrivals);
  }

  /** Goes on from all that has arrived at a bit. */
  #follow(from: Bit, delay: Delay, net: string | null, arrivals: Arrivals): void {
    for (const [source, previous] of this.#arrivalsAt(from)) {
      const sum = addDelays(previous.delay, delay);
      keepLonger(arrivals, source, { delay: sum, net, previous, within: null });
    }
  }
}

function joined(
  previous: Arrival | null,
  instance: string,
  arrival: Arrival,
  net: string | null,
): Arrival {
  const delay = previous === null ? arrival.delay : addDelays(previous.delay, arrival.delay);
  return { delay, net, previous, within: { instance, arrival } };
}

function keyOf(port: string, index: number): string {
  return `${port}[${index}]`;
}

function bitOfPort(cell: NetlistCell, key: string): Bit {
  const at = key.lastIndexOf('[');
  return cell.connections[key.slice(0, at)]?.[Number(key.slice(at + 1, -1))] ?? 'x';
}
