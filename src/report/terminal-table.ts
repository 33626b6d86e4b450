/** A cell: the text as measured, and how it is coloured once it is padded. */
export interface TableCell {
  readonly text: string;
  readonly paint: (text: string) => string;
}

/** A line of a table. */
export interface TableRow {
  readonly label: string;
  readonly cells: readonly TableCell[];
}

const labelWidthMaximum = 20;
const columnWidthMaximum = 20;

/** Label column on the left, the others right-aligned and equally wide within `width`. */
export function layOutTable(rows: readonly TableRow[], width: number): readonly string[] {
  const labelWidth = Math.min(labelWidthMaximum, Math.max(...rows.map((row) => row.label.length)));
  const columns = Math.max(1, ...rows.map((row) => row.cells.length));
  const widest = Math.max(1, ...rows.flatMap((row) => row.cells.map((cell) => cell.text.length)));
  const room = Math.floor((width - 2 - labelWidth) / columns) - 2;
  const columnWidth = Math.max(1, Math.min(Math.max(widest, 10), columnWidthMaximum, room));
  return rows.map((row) => {
    const cells = row.cells.map(
      (cell) => `  ${cell.paint(truncate(cell.text, columnWidth).padStart(columnWidth))}`,
    );
    return `  ${truncate(row.label, labelWidth).padEnd(labelWidth)}${cells.join('')}`;
  });
}

/** Cut to `width` characters, the last one an ellipsis where something was cut. */
export function truncate(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/** Words in lines of at most `width`, each with `indent`; a longer word is cut. */
export function wrap(text: string, width: number, indent: string): readonly string[] {
  const room = Math.max(1, width - indent.length);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    const shown = truncate(word, room);
    if (line === '') line = shown;
    else if (line.length + 1 + shown.length <= room) line += ` ${shown}`;
    else {
      lines.push(line);
      line = shown;
    }
  }
  if (line !== '') lines.push(line);
  return lines.map((content) => indent + content);
}
