import { exitCodes } from '../base/diagnostics.ts';
import type { Board, ResourceKind } from '../ir/board.ts';
import type { Outcome } from '../options.ts';
import { listBoards } from '../read/board.ts';

/** The boards that come with nzflow, as a table. */
export async function boards(): Promise<Outcome> {
  const known = await listBoards();
  const head = ['name', 'part', 'LUT', 'FF', 'BRAM36', 'URAM', 'DSP', 'MHz'];
  const rows = [head, ...known.map(boardRow)];
  const widths = head.map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const own =
    'Your own: copy a file of boards/, change it, and give its path: --board ./my-board.yaml';
  return { exitCode: exitCodes.done, text: `${lines.join('\n')}\n\n${own}\n`, data: known };
}

function boardRow(board: Board): readonly string[] {
  const { name, part, resources, resourceNames, clockMHz } = board;
  const amount = (kind: ResourceKind): string => {
    const text = resources[kind].toLocaleString('en-US');
    // what the head of the column does not say
    const called = resourceNames[kind];
    return resources[kind] === 0 || called === kind.toUpperCase() ? text : `${text} ${called}`;
  };
  const counted = (['lut', 'ff', 'bram36', 'uram', 'dsp'] as const).map(amount);
  return [name, part, ...counted, clockMHz.toLocaleString('en-US')];
}
