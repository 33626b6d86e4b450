import { ceilLog2 } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { Plan } from '../../ir/plan.ts';
import { axiBytes } from './plan-axi.ts';

/** `pulse`: written as 1 it does something, and reads as 0. `clear`: sticky, written as 1 it is cleared. */
export type RegisterAccess = 'read' | 'read-write' | 'pulse' | 'clear';

export interface RegisterField {
  /** Snake case, as all names here: languages make of it what they are used to. */
  readonly name: string;
  readonly bit: number;
  readonly bits: number;
  readonly access: RegisterAccess;
  readonly description: string;
}

/** A 32-bit register. */
export interface Register {
  readonly name: string;
  /** Bytes from the base of the block. */
  readonly offset: number;
  readonly access: RegisterAccess | 'fields';
  readonly description: string;
  /** What it always reads; absent where it changes. */
  readonly constant?: number;
  /** After a reset; absent where it is 0 or not kept. */
  readonly reset?: number;
  readonly fields: readonly RegisterField[];
}

/** A counter in the snapshot: two registers, low word first. */
export interface Counter {
  readonly name: string;
  readonly description: string;
}

/** Everything software sees of `nzflow_axi`: the one description that all texts are made of. */
export interface RegisterMap {
  readonly addressBits: number;
  readonly registers: readonly Register[];
  /** Offset of counter 0; counter i at 8 i bytes from there. Of the whole design first, then layer by layer. */
  readonly counterBase: number;
  readonly counterBits: number;
  readonly designCounters: readonly Counter[];
  readonly layerCounters: readonly Counter[];
  /** Names of the layers, in the order of their counters. */
  readonly layers: readonly string[];
}

/** `NZFL`. */
export const registerMagic = 0x4e5a464c;
/** Of the map itself: other numbers, other meanings. */
export const registerMapVersion = 1;

/** Bits of a counter: 2^48 cycles are 10 days at 300 MHz. */
const counterBits = 48;

const designCounters: readonly Counter[] = [
  { name: 'cycles', description: 'clock cycles' },
  { name: 'active_cycles', description: 'cycles with an inference inside' },
  { name: 'inferences_in', description: 'inferences begun' },
  { name: 'inferences_out', description: 'inferences answered' },
  {
    name: 'input_empty_cycles',
    description: 'cycles in which a beat could have been taken and none came',
  },
  { name: 'input_blocked_cycles', description: 'cycles in which an input beat had to wait' },
  { name: 'output_blocked_cycles', description: 'cycles in which an output beat had to wait' },
  {
    name: 'discarded_beats',
    description: 'input beats discarded: behind an inference without TLAST, or cut off by a reset',
  },
];

/** In the order of `layer_events`, and of `layers` in the result of a simulation. */
const layerCounters: readonly Counter[] = [
  { name: 'windows', description: 'windows finished' },
  {
    name: 'busy_cycles',
    description: 'cycles an engine had a lane that steps or has tokens queued, summed over engines',
  },
  {
    name: 'starved_cycles',
    description: 'cycles an engine waited for input with a window loaded, also between inferences',
  },
  { name: 'blocked_cycles', description: 'cycles an engine waited for the drain of its windows' },
  { name: 'steps', description: 'steps of lanes' },
  { name: 'issues', description: 'weight words read' },
  { name: 'beats', description: 'beats that left for another layer' },
  { name: 'tokens', description: 'tokens in them' },
];

const counterBase = 0x100;

/** The registers of a plan with AXI interfaces. */
export function registerMap(plan: Plan): RegisterMap {
  const { addressBits } = sizes(plan.layers.length);
  return {
    addressBits,
    registers: [...identification(plan), ...control.map(startsBy(plan))],
    counterBase,
    counterBits,
    designCounters,
    layerCounters,
    layers: plan.layers.map(({ name }) => name),
  };
}

/** Counters in all. */
export function counterCount({
  designCounters: design,
  layerCounters: each,
  layers,
}: RegisterMap): number {
  return design.length + layers.length * each.length;
}

function sizes(layers: number): { readonly addressBits: number } {
  const bytes = counterBase + 8 * (designCounters.length + layers * layerCounters.length);
  // tools give a slave 4 KB at least
  return { addressBits: Math.max(12, ceilLog2(bytes)) };
}

function identification(plan: Plan): readonly Register[] {
  const axi = present(plan.axi, 'a plan with bus interfaces');
  const input = axiBytes(axi.input, axi.dataBits);
  const output = axiBytes(axi.output, axi.dataBits);
  const hash = (word: number): number =>
    Number.parseInt(plan.model.sha256.slice(8 * word, 8 * word + 8).padEnd(8, '0'), 16);
  const values: readonly (readonly [name: string, constant: number, description: string])[] = [
    ['magic', registerMagic, 'the letters NZFL'],
    ['map_version', registerMapVersion, 'version of this map'],
    [
      'tool_version',
      versionWord(plan.tool.version),
      'of nzflow: major, minor, patch in bytes 2, 1, 0',
    ],
    ['model_hash_0', hash(0), 'SHA-256 of the model, its first 8 hexadecimal digits'],
    ['model_hash_1', hash(1), 'the next 8'],
    ['model_hash_2', hash(2), 'the next 8'],
    ['model_hash_3', hash(3), 'the next 8'],
    ['clock_khz', Math.round(plan.clockMHz * 1000), 'clock the design was planned for'],
    ['copies', plan.copies, 'copies of the network'],
    ['layers', plan.layers.length, 'layers with counters'],
    ['data_bits', axi.dataBits, 'width of the data streams'],
    ['input_bytes', input.used, 'bytes of an inference at the input'],
    ['input_stride', input.stride, 'bytes from an inference to the next in a packet'],
    ['output_bytes', output.used, 'bytes of an answer'],
    ['output_stride', output.stride, 'bytes from an answer to the next in a packet'],
    ['output_words', plan.output.words, 'numbers in an answer'],
  ];
  return values.map(([name, constant, description], index) => ({
    name,
    offset: 4 * index,
    access: 'read',
    description,
    constant,
    fields: [],
  }));
}

/** `1.2.3` as 0x010203; a version without three numbers is 0. */
function versionWord(version: string): number {
  const [, major = '0', minor = '0', patch = '0'] = /^(\d+)\.(\d+)\.(\d+)/.exec(version) ?? [];
  return [major, minor, patch].reduce((word, part) => word * 256 + (Number(part) & 0xff), 0);
}

/** A kernel has nobody who writes `run`: it is 1 from the beginning. */
function startsBy({ axi }: Plan): (register: Register) => Register {
  return (register) =>
    axi?.kernel === true && register.name === 'control' ? { ...register, reset: 1 } : register;
}

type FieldText = readonly [name: string, description: string];

function flags(
  access: RegisterAccess,
  texts: readonly FieldText[],
  first = 0,
): readonly RegisterField[] {
  return texts.map(([name, description], index) => ({
    name,
    bit: first + index,
    bits: 1,
    access,
    description,
  }));
}

const control: readonly Register[] = [
  {
    name: 'control',
    offset: 0x40,
    access: 'fields',
    description: 'what the block does',
    fields: [
      ...flags('read-write', [['run', 'inferences may begin; one that has begun is finished']]),
      ...flags(
        'pulse',
        [
          ['soft_reset', 'forget all inferences inside; counters and errors stay'],
          ['clear_counters', 'all counters to 0'],
          ['snapshot', 'copy the counters to where they are read'],
        ],
        1,
      ),
    ],
  },
  {
    name: 'status',
    offset: 0x44,
    access: 'read',
    description: 'what it is doing',
    fields: flags('read', [
      ['running', 'inferences may begin'],
      ['resetting', 'a reset is not over'],
      ['snapshot_busy', 'the counters are being copied'],
      ['idle', 'no inference is inside'],
      ['loaded', 'weights are there (always, where they are part of the design)'],
      ['discarding', 'input is discarded up to the next TLAST'],
      ['filling', 'a packet that a reset cut off is being finished with zeros'],
    ]),
  },
  {
    name: 'error',
    offset: 0x48,
    access: 'fields',
    description: 'what went wrong',
    fields: flags('clear', [
      ['input_last_early', 'TLAST inside an inference, or before the packet was full'],
      ['input_last_missing', 'no TLAST with the last beat of a packet'],
      ['input_keep', 'a beat without bytes that the inference needs'],
      ['load', 'weights were refused'],
      ['counter_overflow', 'a counter began again at 0'],
    ]),
  },
  {
    name: 'batch',
    offset: 0x4c,
    access: 'fields',
    description: 'inferences in a packet, input and output; change it while the block is idle',
    reset: 1,
    fields: [
      { name: 'size', bit: 0, bits: 16, access: 'read-write', description: '1 or more; 0 is 1' },
    ],
  },
  {
    name: 'scratch',
    offset: 0x50,
    access: 'read-write',
    description: 'keeps what is written, for tests of the connection',
    fields: [],
  },
];
