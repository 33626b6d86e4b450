/**
 * Deals channels to lanes, a power of two of them, in rows of `lanes` neighbours: channel c goes to
 * lane (c mod lanes) ^ turns[c / lanes]. Chooses the turns so that the lanes have about the same
 * sum of each kind of `loads` (by channel), the rows with the most to even out first.
 * Deterministic.
 */
export function dealChannels(loads: readonly Float64Array[], lanes: number): Uint8Array {
  const channels = loads[0]?.length ?? 0;
  const rows = Math.ceil(channels / lanes);
  const scaled = loads.map((load) => {
    const sum = load.reduce((total, part) => total + part, 0);
    return load.map((part) => (sum === 0 ? 0 : part / sum));
  });
  const held = scaled.map(() => new Float64Array(lanes));
  const turns = new Uint8Array(rows);
  const put = (row: number, turn: number, sign: number): void => {
    scaled.forEach((load, kind) => {
      const sums = held[kind] ?? new Float64Array(lanes);
      for (let place = 0; place < lanes; place += 1) {
        const lane = place ^ turn;
        sums[lane] = (sums[lane] ?? 0) + sign * (load[row * lanes + place] ?? 0);
      }
    });
  };
  /** How uneven the lanes would be with a row dealt that way. */
  const unevenness = (row: number, turn: number): number =>
    scaled.reduce((total, load, kind) => {
      let squares = total;
      for (let place = 0; place < lanes; place += 1) {
        const sum = (held[kind]?.[place ^ turn] ?? 0) + (load[row * lanes + place] ?? 0);
        squares += sum * sum;
      }
      return squares;
    }, 0);
  const best = (row: number): number => {
    let chosen = 0;
    for (let turn = 1; turn < lanes; turn += 1) {
      if (unevenness(row, turn) < unevenness(row, chosen)) chosen = turn;
    }
    return chosen;
  };
  const spread = (row: number): number => {
    const own = scaled.map((load) => load.subarray(row * lanes, (row + 1) * lanes));
    return own.reduce((sum, load) => sum + Math.max(...load) - Math.min(...load), 0);
  };
  const order = Array.from({ length: rows }, (_, row) => ({ row, spread: spread(row) }))
    .sort((one, other) => other.spread - one.spread || one.row - other.row)
    .map(({ row }) => row);
  for (const row of order) {
    turns[row] = best(row);
    put(row, turns[row] ?? 0, 1);
  }
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const row of order) {
      put(row, turns[row] ?? 0, -1);
      turns[row] = best(row);
      put(row, turns[row] ?? 0, 1);
    }
  }
  return turns;
}

/** Times every row is dealt again with all others in place. */
const sweeps = 3;

/** The lane that takes a channel. */
export function laneOfChannel(turns: ArrayLike<number>, lanes: number, channel: number): number {
  return (channel % lanes) ^ (turns[Math.floor(channel / lanes)] ?? 0);
}
