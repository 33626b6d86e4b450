import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

// Field numbers of ONNX: ModelProto.graph, GraphProto.initializer, TensorProto.float_data.
const graphField = 7;
const initializerField = 5;
const floatDataField = 4;

/** Field 4 with four bytes; the tag is one byte. */
const unpackedFloatTag = (floatDataField << 3) | WireType.Bit32;
const recordBytes = 5;

/**
 * The model with `float_data` of its initialisers in packed form. Very old writers give every
 * float a record of its own, and a decoder that keeps each as an object needs gigabytes for
 * millions of them. Files without such records, and damaged ones, are given back as they are.
 */
export function packFloatData(model: Uint8Array): Uint8Array {
  try {
    return rewriteField(model, graphField, (graph) =>
      rewriteField(graph, initializerField, packTensor),
    );
  } catch {
    return model;
  }
}

/** The message with each of these sub-messages changed; the same bytes where none is. */
function rewriteField(
  message: Uint8Array,
  field: number,
  change: (part: Uint8Array) => Uint8Array,
): Uint8Array {
  const reader = new BinaryReader(message);
  const chunks: Uint8Array[] = [];
  let kept = 0;
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    if (number !== field || wireType !== WireType.LengthDelimited) {
      reader.skip(wireType, number);
      continue;
    }
    const part = reader.bytes();
    const changed = change(part);
    if (changed === part) continue;
    const header = new BinaryWriter().tag(field, wireType).uint32(changed.length).finish();
    chunks.push(message.subarray(kept, start), header, changed);
    kept = reader.pos;
  }
  return kept === 0 ? message : joined([...chunks, message.subarray(kept)]);
}

function packTensor(tensor: Uint8Array): Uint8Array {
  const reader = new BinaryReader(tensor);
  const others: Uint8Array[] = [];
  let floats = new Uint8Array(0);
  let length = 0;
  while (reader.pos < reader.len) {
    const start = reader.pos;
    if (tensor[start] === unpackedFloatTag) {
      if (start + recordBytes > tensor.length) return tensor;
      // Room for all of them: a record is longer than its float.
      if (length === 0) floats = new Uint8Array(tensor.length);
      for (let byte = 1; byte < recordBytes; byte += 1) {
        floats[length] = tensor[start + byte] ?? 0;
        length += 1;
      }
      reader.pos += recordBytes;
      continue;
    }
    const [number, wireType] = reader.tag();
    reader.skip(wireType, number);
    if (number === floatDataField) {
      // Both forms in one tensor: their order counts, so leave them to the decoder.
      return tensor;
    }
    others.push(tensor.subarray(start, reader.pos));
  }
  if (length === 0) return tensor;
  const packed = new BinaryWriter()
    .tag(floatDataField, WireType.LengthDelimited)
    .uint32(length)
    .finish();
  return joined([...others, packed, floats.subarray(0, length)]);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}
