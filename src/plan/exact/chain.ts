import { nextPowerOfTwo } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { StreamPlan } from '../../ir/plan.ts';
import { windowOf } from '../../ir/quantized.ts';
import type { QuantizedGraph } from '../../ir/quantized.ts';
import { powersUpTo } from '../search/candidates.ts';
import type { NetworkStreams } from '../streams/stream-classes.ts';
import { logitStream } from '../streams/streams.ts';

/** Whether a network is one window layer behind the other, with the last one as its only answer. */
export function isChain({ layers }: QuantizedGraph, { topology }: NetworkStreams): boolean {
  return (
    layers.every(({ kind }, index) => {
      const givers = topology.givers[index] ?? [];
      return kind === 'window' && givers.length === 1 && givers[0] === index - 1;
    }) &&
    topology.answers.length === 1 &&
    topology.answers[0] === layers.length - 1
  );
}

/** Widths of the stream that leaves a layer (-1: the input) of a chain; tokens no wider than all channels. */
export function widthsOf(
  graph: QuantizedGraph,
  streams: NetworkStreams,
  giver: number,
  maximumBeatBits: number,
): readonly number[] {
  const widest = streams.widest(streams.classOf(giver));
  if (giver === -1) return powersUpTo(Math.min(widest, maximumBeatBits / 8));
  const layer = windowOf(present(graph.layers[giver], 'a layer'));
  if (streams.isDense(giver) && layer.outputFormat !== null) return powersUpTo(widest);
  return powersUpTo(Math.min(widest, nextPowerOfTwo(layer.layer.outputShape.channels)));
}

/** The stream that leaves a layer, at a width. */
export function streamOf(
  graph: QuantizedGraph,
  streams: NetworkStreams,
  giver: number,
  width: number,
): StreamPlan {
  const layer = graph.layers[giver];
  return layer?.outputFormat === null
    ? logitStream(layer.layer.outputShape, width)
    : streams.stream(giver, width);
}
