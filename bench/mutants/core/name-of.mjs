/** What a change is known by in journals and arguments: not by its line, which other changes move. */
export function nameOf({ file, inside, shown }) {
  return JSON.stringify([file, inside, shown]);
}
