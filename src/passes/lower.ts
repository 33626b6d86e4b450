import type { Graph } from '../ir/graph.ts';
import type { OnnxModel } from '../ir/onnx.ts';
import { assembleLayers } from './assemble-layers.ts';
import { checkChain } from './check-chain.ts';
import { foldAffine } from './fold-affine.ts';
import type { OperationChain } from './operation.ts';
import { translateModel } from './translate.ts';

/** What happens to the translated operations, in this order. */
const chainPasses: readonly ((chain: OperationChain) => OperationChain)[] = [
  checkChain,
  // Needs a chain: a result that two nodes read must not be scaled for one of them.
  foldAffine,
];

/**
 * The model in canonical form: a chain of layers window -> max-pool -> ReLU -> k-WTA, with batch
 * normalisation folded in and what follows the last layer left to the host. Throws a
 * `UserError` with one diagnostic for every node that is not supported.
 */
export function lowerModel(model: OnnxModel): Graph {
  const chain = chainPasses.reduce((current, pass) => pass(current), translateModel(model));
  return assembleLayers(chain);
}
