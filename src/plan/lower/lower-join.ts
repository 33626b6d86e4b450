import { ceilDivide, indexBits } from '../../base/bits.ts';
import { invariant, present } from '../../base/invariant.ts';
import type {
  AddLayerPlan,
  ConcatLayerPlan,
  JoinChoice,
  JoinLayerPlan,
  StreamPlan,
} from '../../ir/plan.ts';
import type { QuantizedAdd, QuantizedConcat, QuantizedWinners } from '../../ir/quantized.ts';
import type { LayerPlace } from './layer-context.ts';

type JoinLayer = QuantizedAdd | QuantizedConcat | QuantizedWinners;

export interface JoinContext<Layer extends JoinLayer> {
  readonly index: number;
  readonly layer: Layer;
  readonly choice: JoinChoice;
  readonly inputs: readonly StreamPlan[];
  readonly output: StreamPlan;
  readonly place: LayerPlace;
}

/** What the plans of all joins say in the same way. */
export function joinPlan({
  index,
  layer,
  choice,
  inputs,
  output,
  place,
}: JoinContext<JoinLayer>): Omit<JoinLayerPlan, 'kind' | 'parameters'> {
  return {
    index,
    name: layer.name,
    origin: layer.layer.origin,
    ...place,
    choice,
    inputStreams: inputs,
    output,
    outputChannels: layer.layer.outputShape.channels,
  };
}

/** All numbers of an addition. */
export function lowerAdd(context: JoinContext<QuantizedAdd>): AddLayerPlan {
  const { layer, choice, inputs, output } = context;
  const [a, b] = inputs;
  const left = present(a, 'an addition has two inputs');
  const right = present(b, 'an addition has two inputs');
  const { channels } = layer.layer.outputShape;
  for (const stream of [left, right, output]) {
    invariant(
      stream.kind !== 'dense' || stream.tokensPerBeat === choice.width,
      `${layer.name}: a dense stream of ${stream.tokensPerBeat} values at ${choice.width} a cycle`,
    );
  }
  return {
    kind: 'add',
    ...joinPlan(context),
    parameters: {
      Channels: channels,
      ChannelBits: indexBits(channels),
      W: choice.width,
      ADense: Number(left.kind === 'dense'),
      BDense: Number(right.kind === 'dense'),
      ATokens: left.tokensPerBeat,
      BTokens: right.tokensPerBeat,
      ABits: left.valueBits,
      ASigned: Number(left.valueSigned),
      BBits: right.valueBits,
      BSigned: Number(right.valueSigned),
      AMultiplier: layer.multipliers[0],
      BMultiplier: layer.multipliers[1],
      Shift: layer.shift,
      Low: layer.outputRange.minimum,
      High: layer.outputRange.maximum,
      OutBits: output.valueBits,
      OutSigned: Number(output.valueSigned),
      OutDense: Number(output.kind === 'dense'),
      OutTokens: output.tokensPerBeat,
    },
  };
}

/** All numbers of a concatenation. */
export function lowerConcat(context: JoinContext<QuantizedConcat>): ConcatLayerPlan {
  const { layer, inputs, output } = context;
  for (const stream of inputs) {
    invariant(stream.kind === output.kind, `${layer.name}: streams of one kind`);
    invariant(stream.tokensPerBeat === output.tokensPerBeat, `${layer.name}: streams of one width`);
  }
  const { channels } = layer.layer.outputShape;
  return {
    kind: 'concat',
    ...joinPlan(context),
    parameters: {
      Inputs: inputs.length,
      T: output.tokensPerBeat,
      Dense: Number(output.kind === 'dense'),
      Channels: channels,
      OutChannelBits: output.channelBits,
      OutValueBits: output.valueBits,
    },
  };
}

/** Cycles of a site in an addition: whichever stream or the sum takes longest. */
export function addCycles(plan: AddLayerPlan): number {
  const beats = [...plan.inputStreams, plan.output].map(({ maximumBeats }) => maximumBeats);
  return Math.max(...beats, ceilDivide(plan.outputChannels, plan.choice.width));
}
