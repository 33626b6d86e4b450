import { readFileSync, writeFileSync } from 'node:fs';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../src/read/onnx-schema/onnx_pb.ts';

/**
 * Writes a model of the same structure with other weights: those of every layer in reverse order, so that
 * kernels, their masks and their inputs all move. `keep`: share of the weights that are left, the
 * first of every layer.
 */
export function writeReversedWeights(from: string, to: string): void {
  const model = fromBinary(ModelProtoSchema, readFileSync(from));
  for (const tensor of model.graph?.initializer ?? []) {
    if (tensor.dims.length < 2 || tensor.rawData === undefined) continue;
    const bytes = Uint8Array.from(tensor.rawData);
    const values = new Float32Array(bytes.buffer);
    values.reverse();
    tensor.rawData = bytes;
  }
  writeFileSync(to, toBinary(ModelProtoSchema, model));
}
