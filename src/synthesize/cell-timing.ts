import { invariant } from '../base/invariant.ts';
import type { Bit, NetlistCell } from './netlist.ts';

/** What a path goes through: LUTs in a row, bits of carry chains, chains entered, wide multiplexers. */
export interface Delay {
  readonly luts: number;
  readonly carryBits: number;
  readonly chains: number;
  readonly muxes: number;
  /** Twelfths of a LUT level, of all that and of block memories and multipliers on the way. */
  readonly twelfths: number;
}

export const noDelay: Delay = { luts: 0, carryBits: 0, chains: 0, muxes: 0, twelfths: 0 };

/**
 * Twelfths of a LUT level (a LUT and the wiring in front of it), chosen such that a 24-bit carry
 * chain with a LUT on either side is as long as five LUTs in a row. A block memory without its
 * output register gives its word about as late as two LUTs; a multiplier block between registers
 * that a vendor tool moves into it takes all of a cycle.
 */
const twelfthsOf = {
  lut: 12,
  chain: 12,
  carryBit: 1,
  mux: 3,
  memoryOutput: 24,
  /** All of a multiplier block; up to the register behind its multiplier; from there on. */
  multiplier: 60,
  toProduct: 48,
  fromProduct: 24,
} as const;

export function addDelays(a: Delay, b: Delay): Delay {
  return {
    luts: a.luts + b.luts,
    carryBits: a.carryBits + b.carryBits,
    chains: a.chains + b.chains,
    muxes: a.muxes + b.muxes,
    twelfths: a.twelfths + b.twelfths,
  };
}

const lut: Delay = { ...noDelay, luts: 1, twelfths: twelfthsOf.lut };
const mux: Delay = { ...noDelay, muxes: 1, twelfths: twelfthsOf.mux };
const block = (twelfths: number): Delay => ({ ...noDelay, twelfths });

function carry(carryBits: number, chains: 0 | 1): Delay {
  const twelfths = carryBits * twelfthsOf.carryBit + chains * twelfthsOf.chain;
  return { ...noDelay, carryBits, chains, twelfths };
}

/** An input bit that decides an output bit in the same cycle, and how long it takes. */
export interface Arc {
  readonly from: Bit;
  readonly delay: Delay;
}

/** Where an output bit comes from: from registers after `delay`, from inputs, or both. */
export interface OutputTiming {
  readonly start: Delay | null;
  readonly arcs: readonly Arc[];
}

type CellClass = 'lut' | 'mux' | 'carry' | 'register' | 'lutMemory' | 'blockMemory' | 'multiplier';

const classes: readonly (readonly [RegExp, CellClass])[] = [
  [/^(?:LUT[1-6]|LUT6_2|INV)$/, 'lut'],
  [/^MUXF[789]$/, 'mux'],
  [/^CARRY[48]$/, 'carry'],
  [/^(?:FD[RSCP]E|LD[CP]E)(?:_1)?$/, 'register'],
  [/^(?:RAM(?:16|32|64|128|256|512)(?:X1[SD]|M|M16|M8)|SRL16E|SRLC32E)$/, 'lutMemory'],
  [/^(?:RAMB(?:18|36)E[12]|URAM288)$/, 'blockMemory'],
  [/^DSP48E[12]$/, 'multiplier'],
];

function classOf(cell: NetlistCell): CellClass {
  const found = classes.find(([pattern]) => pattern.test(cell.type));
  invariant(found !== undefined, `the timing of a cell ${cell.type} is known`);
  return found[1];
}

/** Bits that end a path at a primitive, what its registers or memory take in, and what lies before those. */
export function endings(cell: NetlistCell): readonly Arc[] {
  switch (classOf(cell)) {
    case 'lut':
    case 'mux':
    case 'carry':
      return [];
    case 'multiplier':
      return multiplierEndings(cell);
    case 'register':
    case 'lutMemory':
    case 'blockMemory':
      return arcsFrom(
        cell,
        inputsOf(cell).filter((port) => !/^(?:C|W?CLK|CLK.*)$/.test(port)),
        noDelay,
      );
  }
}

/** Timing of bit `index` of output `port` of a primitive. */
export function outputTiming(cell: NetlistCell, port: string, index: number): OutputTiming {
  switch (classOf(cell)) {
    case 'lut':
      return { start: null, arcs: arcsFrom(cell, lutInputs(cell, port), lut) };
    case 'mux':
      return { start: null, arcs: arcsFrom(cell, inputsOf(cell), mux) };
    case 'multiplier':
      return multiplierOutput(cell);
    case 'register':
      return { start: noDelay, arcs: [] };
    case 'blockMemory':
      return { start: block(twelfthsOf.memoryOutput), arcs: [] };
    case 'lutMemory':
      return { start: lut, arcs: arcsFrom(cell, addressPorts(cell, port), lut) };
    case 'carry':
      return { start: null, arcs: carryArcs(cell, port, index) };
  }
}

function inputsOf(cell: NetlistCell): readonly string[] {
  return Object.keys(cell.port_directions).filter((port) => cell.port_directions[port] === 'input');
}

/** Inputs of a LUT; of one with two outputs those that O5, which knows nothing of I5, depends on. */
function lutInputs(cell: NetlistCell, port: string): readonly string[] {
  const inputs = inputsOf(cell);
  if (port !== 'O5') return inputs;
  // bit n of the table is the output for input n; the lower half is that of O5
  const table = String(cell.parameters['INIT'] ?? '')
    .slice(-32)
    .split('')
    .reverse();
  return inputs.filter((input) => {
    const flip = 2 ** Number(input.slice(1));
    return flip < 32 && table.some((output, index) => output !== table[index ^ flip]);
  });
}

function bitsAt(cell: NetlistCell): (port: string) => readonly Bit[] {
  return (port) => cell.connections[port] ?? [];
}

function arcsFrom(cell: NetlistCell, ports: readonly string[], delay: Delay): readonly Arc[] {
  return ports.flatMap(bitsAt(cell)).map((from) => ({ from, delay }));
}

/** Read address of an output: ADDRB of DOB, DPRA (in one or bit by bit) of DPO, else A. */
function addressPorts(cell: NetlistCell, output: string): readonly string[] {
  const bank = /^DO([A-H])$/.exec(output)?.[1];
  if (bank !== undefined) return [`ADDR${bank}`];
  const pattern = output === 'DPO' ? /^DPRA\d?$/ : /^A\d?$/;
  return inputsOf(cell).filter((port) => pattern.test(port));
}

const operands = ['A', 'B', 'C', 'D'];

/** Registers are parameters in binary: AREG, MREG, PREG and so on, 0 to 2 of each. */
function hasRegister(cell: NetlistCell, stage: string): boolean {
  return /[12]/.test(String(cell.parameters[`${stage}REG`] ?? 0));
}

function unregistered(cell: NetlistCell): readonly string[] {
  return operands.filter((port) => !hasRegister(cell, port));
}

function multiplierEndings(cell: NetlistCell): readonly Arc[] {
  const registered = operands.filter((port) => hasRegister(cell, port));
  const stops = arcsFrom(cell, registered, noDelay);
  if (hasRegister(cell, 'M')) {
    return [...stops, ...arcsFrom(cell, unregistered(cell), block(twelfthsOf.toProduct))];
  }
  if (!hasRegister(cell, 'P')) return stops;
  return [...stops, ...arcsFrom(cell, unregistered(cell), block(twelfthsOf.multiplier))];
}

function multiplierOutput(cell: NetlistCell): OutputTiming {
  if (hasRegister(cell, 'P')) return { start: noDelay, arcs: [] };
  if (hasRegister(cell, 'M')) return { start: block(twelfthsOf.fromProduct), arcs: [] };
  const whole = block(twelfthsOf.multiplier);
  const anyRegistered = unregistered(cell).length < operands.length;
  return { start: anyRegistered ? whole : null, arcs: arcsFrom(cell, unregistered(cell), whole) };
}

/** CO[n] is behind n + 1 bits of the chain, O[n] behind n; S and DI enter it at their own bit. */
function carryArcs(cell: NetlistCell, port: string, index: number): readonly Arc[] {
  const bitsBehind = port === 'CO' ? index + 1 : index;
  const arcs: Arc[] = [];
  const add = (from: Bit | undefined, delay: Delay): void => {
    if (from !== undefined) arcs.push({ from, delay });
  };
  add(cell.connections['CI']?.[0], carry(bitsBehind, 0));
  add(cell.connections['CYINIT']?.[0], carry(bitsBehind, 1));
  for (let at = 0; at <= index; at += 1) {
    add(cell.connections['S']?.[at], carry(bitsBehind - at, 1));
    if (at < bitsBehind) add(cell.connections['DI']?.[at], carry(bitsBehind - at, 1));
  }
  return arcs;
}
