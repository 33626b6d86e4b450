/** A trial by two metrics. */
export interface Pair {
  readonly x: number;
  readonly y: number;
}

export type Direction = 'maximise' | 'minimise';

/** What no other is better than in one metric and as good in the other; along x, of equals the first. */
export function pairFront<One extends Pair>(
  pairs: readonly One[],
  [alongX, alongY]: readonly [Direction, Direction],
): readonly One[] {
  const loss = ({ x, y }: Pair): readonly [number, number] => [
    alongX === 'maximise' ? -x : x,
    alongY === 'maximise' ? -y : y,
  ];
  const sorted = pairs
    .map((pair) => ({ pair, losses: loss(pair) }))
    .sort((a, b) => a.losses[0] - b.losses[0] || a.losses[1] - b.losses[1]);
  const front: One[] = [];
  let best = Infinity;
  for (const { pair, losses } of sorted) {
    if (losses[1] >= best) continue;
    best = losses[1];
    front.push(pair);
  }
  return front;
}
