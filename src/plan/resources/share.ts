import { resourceKinds } from '../../ir/board.ts';
import type { ResourceKind, Resources } from '../../ir/board.ts';

export const nothing: Resources = { lut: 0, ff: 0, bram36: 0, uram: 0, dsp: 0 };

/** Share of the board's budget a design takes, by its scarcest resource. */
export function fillOf(
  resources: Resources,
  usable: Resources,
): { kind: ResourceKind; share: number } {
  let worst: { kind: ResourceKind; share: number } = { kind: 'lut', share: 0 };
  for (const kind of resourceKinds) {
    const share = resources[kind] === 0 ? 0 : resources[kind] / Math.max(usable[kind], 1e-9);
    if (share > worst.share) worst = { kind, share };
  }
  return worst;
}

/** Sum of the shares of the board's budget. */
export function sharesOf(resources: Resources, usable: Resources): number {
  return resourceKinds.reduce(
    (sum, kind) =>
      sum + (resources[kind] === 0 ? 0 : resources[kind] / Math.max(usable[kind], 1e-9)),
    0,
  );
}

/** Both together. */
export function add(left: Resources, right: Resources): Resources {
  return {
    lut: left.lut + right.lut,
    ff: left.ff + right.ff,
    bram36: left.bram36 + right.bram36,
    uram: left.uram + right.uram,
    dsp: left.dsp + right.dsp,
  };
}
