import { readFile, stat } from 'node:fs/promises';
import { UserError, fail } from '../base/diagnostics.ts';
import type { Tensor } from '../ir/tensor.ts';
import { floatOfHalf } from './half.ts';
import { readFailure } from './read-failure.ts';
import { refuseSpecialFile } from './special-file.ts';

type Data = Tensor['data'];

/** The element types that are read, by their code in the header (without the byte order). */
const elementTypes: Readonly<
  Record<string, { bytes: number; view: (buffer: ArrayBuffer) => Data }>
> = {
  f4: { bytes: 4, view: (buffer) => new Float32Array(buffer) },
  f8: { bytes: 8, view: (buffer) => new Float64Array(buffer) },
  f2: {
    bytes: 2,
    view: (buffer) => Float32Array.from(new Uint16Array(buffer), floatOfHalf),
  },
  i1: { bytes: 1, view: (buffer) => new Int8Array(buffer) },
  u1: { bytes: 1, view: (buffer) => new Uint8Array(buffer) },
  b1: { bytes: 1, view: (buffer) => new Uint8Array(buffer) },
  i2: { bytes: 2, view: (buffer) => new Int16Array(buffer) },
  u2: { bytes: 2, view: (buffer) => Int32Array.from(new Uint16Array(buffer)) },
  i4: { bytes: 4, view: (buffer) => new Int32Array(buffer) },
  i8: { bytes: 8, view: (buffer) => new BigInt64Array(buffer) },
};

const magic = Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]);

const remedy = 'write it with numpy.save(path, array.astype("float32"))';

const largestFile = 2 ** 31 - 1;

/** Reads a `.npy` file. Throws `UserError` as `decodeNpy` does, or when it cannot be read. */
export async function readNpy(path: string): Promise<Tensor> {
  await refuseSpecialFile('npy/unreadable', path);
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > largestFile) {
      fail('npy/too-large', `the file has ${size} bytes, more than the 2 GB supported`, {
        place: path,
        remedy: 'give fewer samples',
      });
    }
    bytes = await readFile(path);
  } catch (error) {
    if (error instanceof UserError) throw error;
    return readFailure('npy/unreadable', path, error);
  }
  return decodeNpy(bytes, path);
}

/**
 * Decodes NumPy's format, versions 1 to 3: little-endian floats of 16 (widened to 32), 32 and
 * 64 bits, integers of 8 to 64 bits (unsigned 16 widened to 32) and booleans; C or Fortran
 * order. Throws `UserError` at `place` for anything else and for a file whose length is not
 * what its header says.
 */
export function decodeNpy(bytes: Uint8Array, place: string): Tensor {
  if (bytes.length === 0) fail('npy/empty', 'the file is empty', { place, remedy });
  if (!magic.every((byte, index) => bytes[index] === byte)) {
    fail('npy/not-npy', 'this is not a .npy file', { place, remedy });
  }
  const { header, dataStart } = readHeader(bytes, place);
  const { type, fortran, shape } = parseHeader(header, place);
  const size = shape.reduce((product, length) => product * length, 1);
  const expected = size * type.bytes;
  const have = bytes.length - dataStart;
  if (have !== expected) {
    const message = `the header says ${expected} bytes of data (shape ${shapeText(shape)}), the file has ${have}`;
    fail('npy/truncated', message, { place, remedy: 'write or copy the file again' });
  }
  // A copy, because a view of 4 or 8 byte numbers must start at a multiple of their size.
  const copy = new Uint8Array(expected);
  copy.set(bytes.subarray(dataStart));
  const data = type.view(copy.buffer);
  return { shape, data: fortran ? cOrder(data, shape) : data };
}

/** The bytes of a `.npy` file, version 1, C order. */
export function encodeNpy(tensor: Tensor): Uint8Array {
  const codes: readonly (readonly [string, (data: Data) => boolean])[] = [
    ['<f4', (data) => data instanceof Float32Array],
    ['<f8', (data) => data instanceof Float64Array],
    ['|i1', (data) => data instanceof Int8Array],
    ['|u1', (data) => data instanceof Uint8Array],
    ['<i2', (data) => data instanceof Int16Array],
    ['<i4', (data) => data instanceof Int32Array],
    ['<i8', (data) => data instanceof BigInt64Array],
  ];
  const code = codes.find(([, matches]) => matches(tensor.data))?.[0] ?? '';
  const dictionary = `{'descr': '${code}', 'fortran_order': False, 'shape': ${shapeText(tensor.shape)}, }`;
  const prefix = magic.length + 4;
  // The data starts at a multiple of 64, as NumPy writes it.
  const padding = 63 - ((prefix + dictionary.length) % 64);
  const header = new TextEncoder().encode(`${dictionary}${' '.repeat(padding)}\n`);
  const { buffer, byteOffset, byteLength } = tensor.data;
  const bytes = new Uint8Array(prefix + header.length + byteLength);
  bytes.set(magic);
  bytes.set([1, 0, header.length & 0xff, header.length >> 8], magic.length);
  bytes.set(header, prefix);
  bytes.set(new Uint8Array(buffer, byteOffset, byteLength), prefix + header.length);
  return bytes;
}

/** `(300, 1, 32, 32)`, as Python writes a tuple. */
export function shapeText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape.join()},)` : `(${shape.join(', ')})`;
}

function readHeader(
  bytes: Uint8Array,
  place: string,
): { readonly header: string; readonly dataStart: number } {
  const version = bytes[6] ?? 0;
  if (bytes.length > 6 && (version < 1 || version > 3)) {
    fail('npy/version', `version ${version} of the .npy format is not supported`, {
      place,
      remedy,
    });
  }
  const lengthBytes = version === 1 ? 2 : 4;
  const start = magic.length + 2 + lengthBytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length =
    bytes.length < start
      ? Infinity
      : lengthBytes === 2
        ? view.getUint16(8, true)
        : view.getUint32(8, true);
  if (start + length > bytes.length) {
    fail('npy/truncated', 'the file ends inside its header', {
      place,
      remedy: 'write or copy the file again',
    });
  }
  const encoding = version === 3 ? 'utf-8' : 'latin1';
  const header = new TextDecoder(encoding).decode(bytes.subarray(start, start + length));
  return { header, dataStart: start + length };
}

function parseHeader(
  header: string,
  place: string,
): {
  readonly type: { readonly bytes: number; readonly view: (buffer: ArrayBuffer) => Data };
  readonly fortran: boolean;
  readonly shape: readonly number[];
} {
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(header)?.[1];
  const tuple = /'shape'\s*:\s*\(([^)]*)\)/.exec(header)?.[1];
  if (order === undefined || tuple === undefined) {
    return fail('npy/header', 'its header cannot be understood', { place, remedy });
  }
  const type = descr === undefined ? undefined : elementTypes[descr.replace(/^[<|=]/, '')];
  if (type === undefined) {
    return fail('npy/element-type', `values of type ${descr ?? 'record'} are not supported`, {
      place,
      remedy: `${remedy}; accepted: little-endian f2 f4 f8 i1 u1 i2 u2 i4 i8 and bool`,
    });
  }
  const items = tuple
    .split(',')
    .map((item) => item.trim().replace(/L$/, ''))
    .filter((item) => item !== '');
  const shape = items.map(Number);
  if (items.some((item) => !/^\d{1,15}$/.test(item))) {
    return fail('npy/header', `its shape (${tuple}) cannot be understood`, { place, remedy });
  }
  return { type, fortran: order === 'True', shape };
}

/** Values stored first axis fastest, in C order. */
function cOrder(data: Data, shape: readonly number[]): Data {
  const result = data.slice();
  const steps: number[] = [];
  let step = 1;
  for (const length of shape) {
    steps.push(step);
    step *= length;
  }
  const index = shape.map(() => 0);
  for (let at = 0, source = 0; at < data.length; at += 1) {
    const value = data[source];
    if (value !== undefined) result[at] = value;
    for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
      const next = (index[axis] ?? 0) + 1;
      if (next < (shape[axis] ?? 0)) {
        index[axis] = next;
        source += steps[axis] ?? 0;
        break;
      }
      source -= (next - 1) * (steps[axis] ?? 0);
      index[axis] = 0;
    }
  }
  return result;
}
