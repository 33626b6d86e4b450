/** What the width of the parameters of an output follows from. */
export interface RequantiseWidths {
  readonly channelBits: number;
  readonly biasBits: number;
  readonly shiftBits: number;
  /** A multiplier and a shift for each sign. */
  readonly leaky: boolean;
}

/** Bits of {used, channel, bias, multiplier, shift} of an output, as `requantise` reads them. */
export function requantiseBits(widths: RequantiseWidths): number {
  const { channelBits, biasBits, shiftBits, leaky } = widths;
  return 1 + channelBits + biasBits + (leaky ? 2 : 1) * (16 + shiftBits);
}

/** `requantiseBits` of a layer from its parameters. */
export function requantiseBitsOf(parameter: (name: string) => number): number {
  return requantiseBits({
    channelBits: parameter('OutChannelBits'),
    biasBits: parameter('BiasBits'),
    shiftBits: parameter('ShiftBits'),
    leaky: parameter('Leaky') !== 0,
  });
}
