import { invariant, present } from '../../base/invariant.ts';
import type { WinnersLayerPlan } from '../../ir/plan.ts';
import type { QuantizedWinners } from '../../ir/quantized.ts';
import { joinPlan } from './lower-join.ts';
import type { JoinContext } from './lower-join.ts';
import { beatsPerMap } from '../streams/streams.ts';

/** Two maps of more bits than this lie in block memory. */
const blockMapBits = 16384;

/** All numbers of a k-WTA over a whole map. */
export function lowerWinners(
  context: JoinContext<QuantizedWinners> & { readonly keepTies: boolean },
): WinnersLayerPlan {
  const { layer, inputs, output, keepTies } = context;
  const input = present(inputs[0], 'a k-WTA has an input');
  invariant(input.kind === 'tokens', `${layer.name}: winners are chosen from tokens`);
  const { channels, height, width } = layer.layer.outputShape;
  const { tokensPerBeat } = input;
  invariant(
    output.kind === 'dense' || output.tokensPerBeat === tokensPerBeat,
    `${layer.name}: tokens leave as they come`,
  );
  const mapBeats = Math.max(2, beatsPerMap(input));
  const bits = 1 + input.countBits + tokensPerBeat * input.tokenBits;
  return {
    kind: 'winners',
    ...joinPlan(context),
    parameters: {
      Channels: channels,
      Sites: height * width,
      K: layer.layer.kWinners.k,
      KeepTies: Number(keepTies),
      ChannelBits: input.channelBits,
      ValueBits: input.valueBits,
      Signed: Number(input.valueSigned),
      T: tokensPerBeat,
      SiteBeats: input.maximumBeats,
      MapBeats: mapBeats,
      BlockMemory: Number(2 * mapBeats * bits > blockMapBits),
    },
  };
}

/** What the work on a map depends on besides its beats. */
export interface WinnersUnit {
  readonly valueBits: number;
  readonly channels: number;
  readonly keepTies: boolean;
}

export function winnersUnit({ parameters }: WinnersLayerPlan): WinnersUnit {
  const parameter = (name: string): number => present(parameters[name], name);
  return {
    valueBits: parameter('ValueBits'),
    channels: parameter('Channels'),
    keepTies: parameter('KeepTies') === 1,
  };
}

/**
 * Cycles from the last beat of a map to the last one of its second reading, where it has `beats`:
 * value of the k-th winner, ties, winners. The next map waits for that.
 */
export function winnersWork(unit: WinnersUnit, beats: number): number {
  const ties = unit.keepTies ? 0 : beats + unit.channels + 5;
  return 2 ** unit.valueBits + 4 + ties + beats;
}
