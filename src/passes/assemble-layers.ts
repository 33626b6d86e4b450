import { UserError, type Diagnostic } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import { identityActivation, reluActivation } from '../ir/graph.ts';
import type { Graph, KWinners, Pooling, WindowLayer } from '../ir/graph.ts';
import type { Operation, OperationChain, WindowOperation } from './operation.ts';

/** A window operation with all operations up to the next one. */
interface Group {
  readonly window: WindowOperation;
  readonly followers: readonly Operation[];
}

/**
 * Gathers the operations into layers: window -> max-pool -> ReLU -> k-WTA. ReLU commutes with
 * max-pooling and with k-WTA, so it may stand anywhere. Throws a `UserError` that lists all
 * operations that stand in another order.
 */
export function assembleLayers(chain: OperationChain): Graph {
  const diagnostics: Diagnostic[] = [];
  const groups = groupByWindow(chain, diagnostics);
  const names = new Set([chain.input.name]);
  const layers: WindowLayer[] = [];
  for (const { window, followers } of groups) {
    const name = layerName(window.name, names);
    names.add(name);
    const input = layers.at(-1)?.name ?? chain.input.name;
    layers.push(assemble(window, followers, name, input, diagnostics));
  }
  if (diagnostics.length > 0) throw new UserError(diagnostics);
  return {
    name: chain.name,
    input: chain.input,
    layers,
    outputs: [{ name: chain.output, layer: present(layers.at(-1), 'a layer').name }],
    given: null,
    hostOperators: chain.hostOperators,
    notes: [...chain.notes, ...tieNotes(layers)],
  };
}

function groupByWindow(chain: OperationChain, diagnostics: Diagnostic[]): readonly Group[] {
  const groups: { readonly window: WindowOperation; readonly followers: Operation[] }[] = [];
  for (const operation of chain.operations) {
    const current = groups.at(-1);
    if (operation.kind === 'window') groups.push({ window: operation, followers: [] });
    else if (current !== undefined) current.followers.push(operation);
    else diagnostics.push(misplaced(operation, 'it comes before the first weighted layer'));
  }
  if (groups.length === 0) {
    diagnostics.push({
      code: 'model/no-layers',
      message: 'the model has no weighted layer',
      place: chain.name,
      remedy: 'accepted: a network with at least one Conv, Gemm or MatMul',
    });
  }
  return groups;
}

function assemble(
  window: WindowOperation,
  followers: readonly Operation[],
  name: string,
  input: string,
  diagnostics: Diagnostic[],
): WindowLayer {
  let pooling: Pooling | null = null;
  let relu = false;
  let kWinners: KWinners | null = null;
  for (const operation of followers) {
    switch (operation.kind) {
      case 'relu':
        relu = true;
        break;
      case 'max-pool':
        if (kWinners !== null) {
          diagnostics.push(misplaced(operation, 'it comes after a k-WTA'));
        } else if (pooling !== null) {
          diagnostics.push(misplaced(operation, 'it is the second max-pooling of its layer'));
        }
        ({ pooling } = operation);
        break;
      case 'k-winners':
        if (kWinners !== null) {
          diagnostics.push(misplaced(operation, 'it is the second k-WTA of its layer'));
        }
        ({ kWinners } = operation);
        break;
      default:
        diagnostics.push(misplaced(operation, 'it is not part of a layer'));
    }
  }
  const bad = firstNotFinite(window);
  if (bad !== null) {
    diagnostics.push({
      code: 'model/not-finite',
      message: `its ${bad} are not all finite numbers, possibly after folding batch normalisation`,
      place: `node "${window.name}" (${window.operatorName})`,
      remedy: 'train or export the model again',
    });
  }
  return {
    kind: 'window',
    name,
    operator: window.operator,
    origin: [window, ...followers].flatMap(({ origin }) => origin),
    input,
    inputShape: window.inputShape,
    windowShape: window.outputShape,
    outputShape: followers.at(-1)?.outputShape ?? window.outputShape,
    // Adding 0 turns -0 into 0, so that nobody after us has to think of it.
    weights: window.weights.map((weight) => weight + 0),
    bias: Float32Array.from(window.bias, (value) => value + 0),
    kernel: window.kernel,
    dilation: { height: 1, width: 1 },
    groups: 1,
    stride: window.stride,
    padding: window.padding,
    pooling,
    activation: relu ? reluActivation : identityActivation,
    kWinners,
  };
}

function firstNotFinite({ weights, bias }: WindowOperation): string | null {
  if (!weights.every(Number.isFinite)) return 'weights';
  return Float32Array.from(bias).every(Number.isFinite) ? null : 'biases';
}

function misplaced(operation: Operation, reason: string): Diagnostic {
  return {
    code: 'model/unsupported-order',
    message: reason,
    place: `node "${operation.name}" (${operation.operatorName})`,
    remedy:
      'accepted: Conv, Gemm or MatMul, then at most one MaxPool, Relu and k-WTA, the k-WTA after the MaxPool',
  };
}

/** `/features/0/Conv` becomes `features/0`; a name that is taken gets a number. */
function layerName(nodeName: string, taken: ReadonlySet<string>): string {
  const scope = nodeName.replace(/^\/+/, '').replace(/\/(Conv|Gemm|MatMul)$/, '');
  const name = scope === '' ? nodeName : scope;
  if (!taken.has(name)) return name;
  let number = 2;
  while (taken.has(`${name}#${number}`)) number += 1;
  return `${name}#${number}`;
}

function tieNotes(layers: readonly WindowLayer[]): readonly string[] {
  const names = layers.filter(({ kWinners }) => kWinners?.tiesInModel).map(({ name }) => name);
  if (names.length === 0) return [];
  const all = present(names.length === 1 ? names[0] : names.join(', '), 'there is a name');
  return [`the model keeps ties at the k-th value (${all}); the hardware keeps exactly k winners`];
}
