/** ONNX TensorProto.DataType by number. */
const elementTypeNames: ReadonlyMap<number, string> = new Map([
  [0, 'UNDEFINED'],
  [1, 'FLOAT'],
  [2, 'UINT8'],
  [3, 'INT8'],
  [4, 'UINT16'],
  [5, 'INT16'],
  [6, 'INT32'],
  [7, 'INT64'],
  [8, 'STRING'],
  [9, 'BOOL'],
  [10, 'FLOAT16'],
  [11, 'DOUBLE'],
  [12, 'UINT32'],
  [13, 'UINT64'],
  [14, 'COMPLEX64'],
  [15, 'COMPLEX128'],
  [16, 'BFLOAT16'],
  [17, 'FLOAT8E4M3FN'],
  [18, 'FLOAT8E4M3FNUZ'],
  [19, 'FLOAT8E5M2'],
  [20, 'FLOAT8E5M2FNUZ'],
  [21, 'UINT4'],
  [22, 'INT4'],
]);

/** ONNX name of an element type number, `type 99` when there is none. */
export function elementTypeName(dataType: number): string {
  return elementTypeNames.get(dataType) ?? `type ${dataType}`;
}

const bitsByName: ReadonlyMap<string, number> = new Map([
  ['FLOAT', 32],
  ['UINT8', 8],
  ['INT8', 8],
  ['UINT16', 16],
  ['INT16', 16],
  ['INT32', 32],
  ['INT64', 64],
  ['BOOL', 8],
  ['FLOAT16', 16],
  ['DOUBLE', 64],
  ['UINT32', 32],
  ['UINT64', 64],
  ['BFLOAT16', 16],
  ['UINT4', 4],
  ['INT4', 4],
]);

/** Bits of a value in raw form; null for types whose values are not read. */
export function elementBits(dataType: number): number | null {
  return bitsByName.get(elementTypeName(dataType)) ?? null;
}
