import type { Packing } from '../../ir/packing.ts';
import type { EdgePlan, LayerChoice, StreamPlan } from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import type { PositionSums } from './lane-sums.ts';
import type { WeightStreamContext } from '../streams/weight-stream.ts';

/** What a layer of windows is lowered from. */
export interface LayerContext {
  readonly index: number;
  readonly layer: QuantizedWindow;
  readonly packing: Packing;
  readonly choice: LayerChoice;
  readonly input: StreamPlan;
  readonly output: StreamPlan;
  /** k-WTA keeps every value equal to the k-th; false where not given. */
  readonly keepTies?: boolean;
  /** `drainSlots` of the packing and choice, where they are known. */
  readonly slots?: readonly number[];
  /** `positionSums` of the layer, where they are known. */
  readonly positionSums?: PositionSums;
  /** The stream of weights from memory beside the device, for a choice with `streamWeights`. */
  readonly weightStream?: WeightStreamContext;
  /** Where it stands in a network; alone behind the input where not given. */
  readonly place?: LayerPlace;
}

/** The edges around a layer. */
export interface LayerPlace {
  readonly inputs: readonly EdgePlan[];
  readonly readers: number;
}

/** A layer with one reader, behind the input of the network. */
export const alone: LayerPlace = {
  inputs: [{ from: -1, port: 0, fifoDepth: 0, blockFifo: false }],
  readers: 1,
};
