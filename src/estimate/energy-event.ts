/** What the hardware does and pays for, as counted in the RTL simulation. */
export const energyEvents = [
  /** 8-bit multiply-accumulate in a DSP block. */
  'multiply-dsp',
  /** 16- to 18-bit multiply in a DSP block (requantise). */
  'multiply-dsp-wide',
  /** A clocked but idle cycle of one DSP block. */
  'dsp-idle-cycle',
  /** 8 x 8 multiply in LUTs. */
  'multiply-lut',
  /** Read of one `widthBits` word of block RAM. */
  'bram-read',
  'bram-write',
  /** A clocked but idle cycle of one block RAM memory, `widthBits` wide. */
  'bram-idle-cycle',
  'uram-read',
  'uram-write',
  /** The same of UltraRAM. */
  'uram-idle-cycle',
  /** One bit read or written in a LUT memory. */
  'lutram-bit',
  /** One transition of a LUT output and its net. */
  'lut-toggle',
  /** One transition of a flip-flop output and its net. */
  'ff-toggle',
  /** The clock network driving one flip-flop for one cycle. */
  'clock-ff-cycle',
  /** One bit read from memory beside the device, its pins included. */
  'dram-bit',
] as const;
export type EnergyEvent = (typeof energyEvents)[number];

/** Where energy goes, as the report groups it. */
export const energyCategories = [
  'multiply',
  'weights',
  'dram',
  'accumulate',
  'activations',
  'control',
  'clock',
  'static',
] as const;
export type EnergyCategory = (typeof energyCategories)[number];

/** How often one kind of event happens per inference, in one layer or (null) outside all layers. */
export interface EventCount {
  readonly layer: string | null;
  readonly event: EnergyEvent;
  readonly category: EnergyCategory;
  /** Mean number of events per inference; need not be whole. */
  readonly perInference: number;
  /** Word width of a `bram-*` or `uram-*` event (72 unless given), no meaning elsewhere. */
  readonly widthBits?: number;
  /** Blocks that a word of it lies in, a BRAM18 being a half; as many as the width needs unless given. */
  readonly blocks?: number;
}
