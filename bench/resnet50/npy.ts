/** The bytes of a `.npy` file (version 1.0) of float32 values in C order. */
export function npyFloat32(shape: readonly number[], values: Float32Array): Uint8Array {
  const lengths = shape.length === 1 ? `${String(shape[0])},` : shape.join(', ');
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${lengths}), }`;
  const magic = 10;
  const padded = `${header.padEnd(Math.ceil((magic + header.length + 1) / 64) * 64 - magic - 1)}\n`;
  const bytes = new Uint8Array(magic + padded.length + values.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, padded.length & 255, padded.length >> 8]);
  bytes.set(new TextEncoder().encode(padded), magic);
  bytes.set(
    new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    magic + padded.length,
  );
  return bytes;
}
