import { ceilDivide } from '../../base/bits.ts';
import { invariant, present } from '../../base/invariant.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';
import { winnersWork } from '../lower/lower-winners.ts';
import type { NetworkStreams } from '../streams/stream-classes.ts';

/** Words of sums that leave a copy in one beat where nothing else decides. */
export const usualAnswerWords = 4;

/** Widths of all streams while the layers are folded, by class. */
export class ClassWidths {
  readonly #streams: NetworkStreams;
  readonly #widths: Map<number, number>;

  constructor(streams: NetworkStreams, widths: ReadonlyMap<number, number>) {
    this.#streams = streams;
    this.#widths = new Map(widths);
  }

  of(giver: number): number {
    return present(this.#widths.get(this.#streams.classOf(giver)), 'a width for every class');
  }

  /** A stream that only its one reader cares about can be made wider for it. */
  widen(giver: number, width: number): void {
    invariant(width >= this.of(giver), `a stream of ${this.of(giver)} to ${width}`);
    this.#widths.set(this.#streams.classOf(giver), width);
  }
}

/**
 * The narrowest streams that take no more than `intervalOf` their class cycles an inference; null where
 * none does. `tokensPerSite` by giver + 1, mean of max(1, tokens); `answerWords`: the fewest words a beat of
 * the answers.
 */
export function narrowestWidths(
  graph: QuantizedGraph,
  streams: NetworkStreams,
  tokensPerSite: readonly number[],
  intervalOf: (streamClass: number) => number,
  maximumInputValues: number,
  answerWords = usualAnswerWords,
): ClassWidths | null {
  const widths = new Map<number, number>();
  const givers = Array.from({ length: graph.layers.length + 1 }, (_, at) => at - 1);
  for (const streamClass of new Set(givers.map((giver) => streams.classOf(giver)))) {
    const members = givers.filter((giver) => streams.classOf(giver) === streamClass);
    const onlySums = members.every((giver) => graph.layers[giver]?.outputFormat === null);
    const widest = streams.widest(streamClass);
    const interval = intervalOf(streamClass);
    let width = Math.min(widest, onlySums ? answerWords : 1);
    const slowest = (): number =>
      Math.max(...members.map((giver) => beatsAt(graph, streams, tokensPerSite, giver, width)));
    while (slowest() > interval && width < widest) width *= 2;
    if (slowest() > interval) return null;
    if (members.includes(-1)) width = Math.min(width, maximumInputValues);
    widths.set(streamClass, width);
  }
  return new ClassWidths(streams, widths);
}

/** Cycles an inference that a stream at a width asks for at least. */
export function beatsAt(
  graph: QuantizedGraph,
  streams: NetworkStreams,
  tokensPerSite: readonly number[],
  giver: number,
  width: number,
): number {
  const layer = graph.layers[giver];
  if (layer?.outputFormat === null) {
    const { channels, height, width: columns } = layer.layer.outputShape;
    return height * columns * ceilDivide(channels, width);
  }
  const stream = streams.stream(giver, width);
  const beatsPerSite =
    stream.kind === 'dense'
      ? stream.maximumBeats
      : Math.max(1, ceilDivide(tokensPerSite[giver + 1] ?? 1, width));
  const beats = stream.height * ceilDivide(stream.width, stream.sitesPerBeat) * beatsPerSite;
  const [reader] = streams.topology.readersOf(giver);
  const chosenFrom = reader?.kind === 'layer' && graph.layers[reader.layer]?.kind === 'winners';
  const { keepTies } = graph;
  return chosenFrom ? Math.max(beats, winnersWork({ ...stream, keepTies }, beats)) : beats;
}
