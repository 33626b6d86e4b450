import { UserError, fail } from '../base/diagnostics.ts';
import type { ModelProto } from './onnx-schema/onnx_pb.ts';
import { misplacedForms } from './operator-forms.ts';
import type { OnnxNode } from '../ir/onnx.ts';

/** Operator sets that are read; what changed between them is handled per operator. */
const firstOpset = 9;
const lastOpset = 21;

const again = 'export the model again with opset_version=17';

/** Versions of the operator sets of a model; the default one apart. */
export interface OperatorSets {
  readonly opset: number;
  readonly domains: ReadonlyMap<string, number>;
}

/**
 * The operator sets that the model names. Throws `UserError` when the default one is missing,
 * contradictory, or not supported.
 */
export function decodeOperatorSets({ opsetImport }: ModelProto, place: string): OperatorSets {
  const isStandard = (domain: string): boolean => domain === '' || domain === 'ai.onnx';
  const versions = new Set(
    opsetImport.filter(({ domain }) => isStandard(domain)).map(({ version }) => Number(version)),
  );
  const [opset] = versions;
  if (opset === undefined) {
    return fail('model/opset', 'the model does not say which ONNX operator set it uses', {
      place,
      remedy: again,
    });
  }
  if (versions.size > 1) {
    fail('model/opset', `the model names several operator sets: ${[...versions].join(', ')}`, {
      place,
      remedy: again,
    });
  }
  if (opset < firstOpset || opset > lastOpset) {
    fail(
      'model/opset',
      `operator set ${opset} is not supported, only ${firstOpset} to ${lastOpset}`,
      {
        place,
        remedy:
          'export with opset_version=17, or convert: ' +
          'onnx.version_converter.convert_version(onnx.load("model.onnx"), 17)',
      },
    );
  }
  const others = opsetImport.filter(({ domain }) => !isStandard(domain));
  return {
    opset,
    domains: new Map(others.map(({ domain, version }) => [domain, Number(version)])),
  };
}

/**
 * Throws one `UserError` with every node that has an attribute or input of another operator
 * set than the model's: what it means there is not defined.
 */
export function checkOperatorForms(nodes: readonly OnnxNode[], opset: number, place: string): void {
  const diagnostics = nodes.flatMap((node) =>
    misplacedForms(node, opset).map((what) => ({
      code: 'model/opset',
      message: `${what}, the model uses ${opset}`,
      place: `${place}: node "${node.name}" (${node.operator})`,
      remedy:
        'export the model again: the version of its operator set was changed without its nodes',
    })),
  );
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}
