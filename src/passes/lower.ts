import type { Graph } from '../ir/graph.ts';
import type { OnnxModel } from '../ir/onnx.ts';
import { assembleLayers } from './assemble-layers.ts';
import { foldAffine } from './fold-affine.ts';
import { foldPads } from './fold-pads.ts';
import { hoistActivations } from './hoist-activations.ts';
import type { OperationGraph } from './operation.ts';
import { removeEmptyChannels } from './remove-empty-channels.ts';
import { removeUnread } from './remove-unread.ts';
import { settleFormats } from './settle-formats.ts';
import { translateModel } from './translate.ts';

/** What happens to the translated operations, in this order. */
const operationPasses: readonly ((graph: OperationGraph) => OperationGraph)[] = [
  // First, because who reads a value decides what may be folded into its layer.
  removeUnread,
  // Before scales are folded, which must see the padding of the windows behind them.
  foldPads,
  foldAffine,
  // After both, which bring windows and formats next to each other.
  settleFormats,
  // Again, for a scale on the input that its rounding let pass.
  foldAffine,
  // Behind it, because a shift passes max-pooling but no activation.
  hoistActivations,
];

/**
 * The model in canonical form: layers with batch normalisation, padding, activations, pooling and
 * k-WTA in them, without channels that carry nothing, and what follows the last layer left to the
 * host. Throws a `UserError` with one
 * diagnostic for every node that is not supported.
 */
export function lowerModel(model: OnnxModel): Graph {
  const graph = operationPasses.reduce((current, pass) => pass(current), translateModel(model));
  return removeEmptyChannels(assembleLayers(graph));
}
