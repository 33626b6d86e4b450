/** A column: its title, its width (negative: aligned to the left), and the cell of a row. */
export type TextColumn<Row> = readonly [string, number, (row: Row) => string];

function line<Row>(columns: readonly TextColumn<Row>[], cells: readonly string[]): string {
  return cells
    .map((cell, index) => {
      const width = columns[index]?.[1] ?? 0;
      return width < 0 ? cell.padEnd(-width) : cell.padStart(width);
    })
    .join('  ');
}

export function textHead<Row>(columns: readonly TextColumn<Row>[]): string {
  return line(
    columns,
    columns.map(([title]) => title),
  );
}

export function textRow<Row>(columns: readonly TextColumn<Row>[], row: Row): string {
  return line(
    columns,
    columns.map(([, , cell]) => cell(row)),
  );
}
