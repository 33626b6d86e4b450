import { expect } from 'vitest';
import type { Diagnostic } from '../../src/base/diagnostics.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { decodeOnnxModel } from '../../src/read/onnx.ts';
import { encodeModel, type ModelParts } from './onnx-builder.ts';
import { diagnosticsOf } from './user-error.ts';

/** All diagnostics of a model whose input is x of 1x2x7x6 unless told. */
export function refusals(parts: ModelParts): readonly Diagnostic[] {
  const bytes = encodeModel({ inputs: { x: [1, 2, 7, 6] }, ...parts });
  const model = decodeOnnxModel(bytes, 'test.onnx');
  return diagnosticsOf(() => lowerModel(model));
}

/** The only refusal, which names the node and says what would be accepted. */
export function refusal(parts: ModelParts): Diagnostic {
  const diagnostics = refusals(parts);
  expect(diagnostics).toHaveLength(1);
  const [diagnostic] = diagnostics;
  if (diagnostic === undefined) throw new Error('no diagnostic');
  expect(diagnostic.place).not.toBeNull();
  expect(diagnostic.remedy).not.toBeNull();
  return diagnostic;
}
