/** A shorter interval by less than this share is not worth hardware. */
export const worthwhile = 0.01;

/** Of what hardware at all places gains, this share is given up for fewer places. */
const givenUp = 0.1;

/**
 * The interval that is short enough, where hardware at all places shortens it from `bare` to `best`;
 * null where that is not worthwhile.
 */
export function enoughOf(bare: number, best: number): number | null {
  return best > bare * (1 - worthwhile) ? null : best + givenUp * (bare - best);
}

/**
 * Those of the places that hardware has to be at for an interval of at most `enough`, one after the
 * other left out; and the interval with them, null where none could be left out.
 */
export function fewestPlaces(
  places: readonly number[],
  enough: number,
  intervalWith: (places: readonly number[]) => number,
): { readonly places: readonly number[]; readonly interval: number | null } {
  let kept = places;
  let interval: number | null = null;
  for (const place of places) {
    const fewer = kept.filter((other) => other !== place);
    const without = intervalWith(fewer);
    if (without > enough) continue;
    kept = fewer;
    interval = without;
  }
  return { places: kept, interval };
}
