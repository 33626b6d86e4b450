import type { OnnxTensor } from '../../ir/onnx.ts';

/** The values of a tensor as float32; the tensor's own array where it is one. */
export function floatsOf(tensor: OnnxTensor): Float32Array {
  return tensor.data instanceof Float32Array ? tensor.data : Float32Array.from(tensor.data, Number);
}
