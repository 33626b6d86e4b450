import type { Board, Resources } from '../../src/ir/board.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import { readBoard } from '../../src/read/board.ts';
import { chain } from './small-networks.ts';
import type { SmallNetwork } from './small-networks.ts';

/** A network in the variants it is looked at. */
export interface ExhaustiveCase {
  readonly network: () => SmallNetwork;
  readonly variants: readonly VariantName[];
}

const all: readonly VariantName[] = ['dense', 'sparse-dense', 'sparse-sparse'];
const scattered = { oneOf: 4, complementary: false };
const interleaved = { oneOf: 4, complementary: true };

export const cases: Readonly<Record<string, ExhaustiveCase>> = {
  /** Two linear layers, masks at random. */
  mlp: {
    network: () =>
      chain({ channels: 16, height: 1, width: 1 }, [{ channels: 8 }, { channels: 4 }], scattered),
    variants: all,
  },
  /** A convolution and a linear layer. */
  convolution: {
    network: () =>
      chain({ channels: 2, height: 4, width: 4 }, [{ channels: 4, kernel: 3 }, { channels: 3 }], {
        ...scattered,
        oneOf: 3,
      }),
    variants: all,
  },
  /** A pooled convolution with winners, complementary masks. */
  winners: {
    network: () =>
      chain(
        { channels: 2, height: 6, width: 6 },
        [{ channels: 8, kernel: 3, pool: 2, winners: 2 }, { channels: 4 }],
        interleaved,
      ),
    variants: all,
  },
  /** Kernels of one position, whose lanes may share the channels. */
  pointwise: {
    network: () =>
      chain(
        { channels: 4, height: 2, width: 3 },
        [{ channels: 8 }, { channels: 8 }, { channels: 4 }],
        interleaved,
      ),
    variants: all,
  },
  /** Three layers, masks at random. */
  'three-layers': {
    network: () =>
      chain(
        { channels: 2, height: 5, width: 5 },
        [{ channels: 4, kernel: 3, winners: 2 }, { channels: 6, kernel: 2 }, { channels: 3 }],
        scattered,
      ),
    variants: all,
  },
};

function scaled(board: Board, name: string, shares: Partial<Resources> & { all: number }): Board {
  const { all: rest, ...own } = shares;
  const of = (kind: keyof Resources): number =>
    Math.floor(board.resources[kind] * (own[kind] ?? rest));
  const resources = {
    lut: of('lut'),
    ff: of('ff'),
    bram36: of('bram36'),
    uram: of('uram'),
    dsp: of('dsp'),
  };
  return { ...board, name, resources };
}

/** Boards of one family: two that there are, and parts of one of them. */
export async function boards(): Promise<readonly Board[]> {
  const arty = await readBoard('arty-a7-35t');
  return [
    await readBoard('pynq-z2'),
    arty,
    scaled(arty, '1/2 of arty', { all: 1 / 2 }),
    scaled(arty, '1/4 of arty', { all: 1 / 4 }),
    scaled(arty, '1/8 of arty', { all: 1 / 8 }),
    scaled(arty, 'few LUTs', { all: 1, lut: 1 / 6, ff: 1 / 6 }),
    scaled(arty, 'few DSPs', { all: 1, dsp: 1 / 10 }),
  ];
}
