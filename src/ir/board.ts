import type { BlockDesignRecipe } from './block-design.ts';

/** A figure nobody publishes exactly: the truth lies in `low .. high`, most likely at `nominal`. */
export interface Bracket {
  readonly low: number;
  readonly nominal: number;
  readonly high: number;
}

export const boardFamilies = [
  'ultrascale-plus',
  'series7',
  'ice40',
  'ice40-ultraplus',
  'ecp5',
  'cyclone5',
  'stratix10',
] as const;
export type BoardFamily = (typeof boardFamilies)[number];

export const resourceKinds = ['lut', 'ff', 'bram36', 'uram', 'dsp'] as const;
export type ResourceKind = (typeof resourceKinds)[number];

/**
 * Amounts of FPGA resources: of a device, or of a design. `lut` and `bram36` are what the family has:
 * look-up tables of six or four inputs or adaptive logic modules, block memories of 36 kbit or less.
 */
export type Resources = Readonly<Record<ResourceKind, number>>;

/** What an elementary event costs; the names are the keys of the family files. */
export const energyCoefficients = [
  'multiply-dsp',
  'multiply-dsp-wide',
  'multiply-lut',
  'bram-read',
  'uram-read',
  'lutram-bit',
  'lut-toggle',
  'ff-toggle',
  'clock-ff-cycle',
  'dram-bit',
] as const;
export type EnergyCoefficient = (typeof energyCoefficients)[number];

/** Energies of events that are known as a multiple of another one. */
export interface EnergyScales {
  /** A write of a block memory, in reads. */
  readonly memoryWrite: number;
  /** A clocked but idle cycle of a block memory, in reads. */
  readonly memoryIdle: number;
  /** A clocked but idle cycle of a DSP block, in 8-bit multiplies. */
  readonly dspIdle: number;
  /** Extra transitions of LUT outputs that a zero-delay simulation does not see. */
  readonly glitch: Bracket;
}

/** Pins of a board with a serial line, as the part's package names them. */
export interface BoardPins {
  readonly clock: string;
  readonly serialIn: string;
  readonly serialOut: string;
  /** Low while it is pressed. */
  readonly resetButton?: string;
}

/** A platform (shell) of a card that XRT runs. */
export interface Shell {
  /** As `v++ --platform` takes it. */
  readonly platform: string;
  /** What kernels can have of the device. */
  readonly resources: Resources;
}

/** Everything the compiler knows about the device it plans for. */
export interface Board {
  readonly name: string;
  readonly title: string;
  readonly part: string;
  readonly family: BoardFamily;
  /** What the whole device has. */
  readonly resources: Resources;
  /** Equal parts the device is made of (AMD: super logic regions); wires between them are few and slow. */
  readonly dies: number;
  /** Share of each resource a design may take, 0 to 1; the rest is left for routing and shell. */
  readonly usableShare: number;
  /** Clock assumed when nothing else is asked for. */
  readonly clockMHz: number;
  /** Peak of all memory beside the device together; null where it is not known or not there. */
  readonly dramGigabytesPerSecond: number | null;
  /** Share of that peak that a long sequential reading gets, 0 to 1. */
  readonly dramShare: number;
  /** Widest stream beat at the ports of `nzflow_top`, in bits. */
  readonly maximumBeatBits: number;
  /** What the family calls its resources. */
  readonly resourceNames: Readonly<Record<ResourceKind, string>>;
  /** Bits of a block memory, and most that it reads in a cycle. */
  readonly blockMemory: { readonly bits: number; readonly readBits: number };
  /** Where `nzflow synth --tool ice40` finds clock and serial line; null where it is not known. */
  readonly pins: BoardPins | null;
  /** Products of two 8-bit integers with one operand in common that a DSP block computes a cycle. */
  readonly int8ProductsPerDsp: number;
  /** Power of the configured device with its clock stopped, in watts. */
  readonly staticWatts: Bracket;
  /**
   * Power that the board draws whatever runs on it, in watts, the static power of its device included;
   * null where nobody measured it.
   */
  readonly floorWatts: Bracket | null;
  /** How the logic is wired to the processor beside it; null where there is none, or none is known. */
  readonly blockDesign: BlockDesignRecipe | null;
  /** The platform a card is run with, and what it leaves for kernels; null for other boards. */
  readonly shell: Shell | null;
  /** Dynamic energy per event, in picojoules. */
  readonly energyPicojoules: Readonly<Record<EnergyCoefficient, Bracket>>;
  readonly energyScales: EnergyScales;
}

/** What a design may use of each resource: the device times `usableShare`, rounded down. */
export function usableResources(board: Board): Resources {
  const usable = (kind: ResourceKind): number =>
    Math.floor(board.resources[kind] * board.usableShare);
  return {
    lut: usable('lut'),
    ff: usable('ff'),
    bram36: usable('bram36'),
    uram: usable('uram'),
    dsp: usable('dsp'),
  };
}

/** What a design may use of one die: its part of `usableResources`, rounded down. */
export function usableOfDie(board: Board): Resources {
  const usable = usableResources(board);
  const part = (kind: ResourceKind): number => Math.floor(usable[kind] / board.dies);
  return {
    lut: part('lut'),
    ff: part('ff'),
    bram36: part('bram36'),
    uram: part('uram'),
    dsp: part('dsp'),
  };
}

/** The board as a kernel sees it: resources that the shell has taken are not there. */
export function boardInShell(board: Board, { platform, resources }: Shell): Board {
  return { ...board, title: `${board.title}, kernel of ${platform}`, resources };
}
