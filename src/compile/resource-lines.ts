import type { Board, ResourceKind, Resources } from '../ir/board.ts';
import { resourceKinds } from '../ir/board.ts';
import { formatCount, formatPercent } from '../report/format.ts';
import { resourceLabel } from '../report/variants.ts';

/** What a tool counted, a line a resource; `more` follows the share of the board. */
export function resourceLines(
  counted: Resources,
  board: Board,
  more: (kind: ResourceKind) => string = () => '',
): readonly string[] {
  return resourceKinds.map((kind) => {
    const share = board.resources[kind] === 0 ? null : counted[kind] / board.resources[kind];
    return `  ${resourceLabel(kind, board.resourceNames).padEnd(7)} ${formatCount(counted[kind])} (${formatPercent(share)} of the board${more(kind)})`;
  });
}
