import { availableMemory } from 'node:process';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { constants } from 'node:fs';
import { UserError, type Diagnostic } from '../base/diagnostics.ts';
import { elementBits, elementTypeName } from './onnx-element-type.ts';
import type { TensorProto } from './onnx-schema/onnx_pb.ts';
import { decodeDims, sizeOf } from './onnx-tensor-storage.ts';

/** A part of a file beside the model. */
interface ExternalRange {
  readonly tensor: TensorProto;
  /** As the model gives it. */
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

interface ExternalFile {
  /** Without symbolic links. */
  readonly path: string;
  readonly size: number;
}

/** Why the data of a tensor cannot be read: tensors with the same reason are told together. */
interface Obstacle {
  readonly message: string;
  readonly remedy: string;
}

/** A model is in memory up to three times: as read, as float layers, and as integers. */
const copiesInMemory = 3;

const externalLocation = 1;

const writeOneFile =
  'write one file: onnx.save(onnx.load("model.onnx"), "single.onnx", save_as_external_data=False)';

/** True when the numbers of the tensor are in another file (ONNX `data_location`). */
export function isExternal(tensor: TensorProto): boolean {
  return tensor.dataLocation === externalLocation;
}

/**
 * Reads the numbers of external tensors into their `rawData`, each range once, and gives the
 * names of the files. Only regular files inside the folder of the model are opened. Throws one
 * `UserError` that names every tensor whose data is elsewhere, missing or too short, or all of
 * them when they are more than `memoryBytes` holds; then nothing has been read.
 */
export async function readExternalData(
  tensors: readonly TensorProto[],
  modelPath: string,
  memoryBytes = availableMemory(),
): Promise<readonly string[]> {
  const refused = new Map<string, { readonly obstacle: Obstacle; readonly names: string[] }>();
  const refuse = (tensor: TensorProto, obstacle: Obstacle): void => {
    const known = refused.get(obstacle.message);
    const name = `"${tensor.name}"`;
    if (known === undefined) refused.set(obstacle.message, { obstacle, names: [name] });
    else known.names.push(name);
  };
  const files = new Map<string, ExternalFile | Obstacle>();
  const ranges: ExternalRange[] = [];
  for (const tensor of tensors) {
    const range = rangeOf(tensor);
    if ('message' in range) {
      refuse(tensor, range);
      continue;
    }
    const file = files.get(range.location) ?? (await findFile(range.location, modelPath));
    files.set(range.location, file);
    const obstacle = 'message' in file ? file : outside(range, file);
    if (obstacle === null) ranges.push(range);
    else refuse(tensor, obstacle);
  }
  const bytes = ranges.reduce((total, { length }) => total + length, 0);
  if (refused.size === 0 && bytes * copiesInMemory > memoryBytes) {
    for (const { tensor } of ranges) refuse(tensor, tooLarge(bytes, memoryBytes));
  }
  if (refused.size > 0) {
    throw new UserError(
      Array.from(refused.values(), ({ obstacle, names }) => diagnostic(obstacle, names, modelPath)),
    );
  }
  for (const [location, file] of files) {
    if ('path' in file) {
      await readRanges(
        file,
        ranges.filter((range) => range.location === location),
        modelPath,
      );
    }
  }
  return [...files.keys()];
}

function diagnostic(
  { message, remedy }: Obstacle,
  names: readonly string[],
  place: string,
): Diagnostic {
  const whose = names.length === 1 ? `tensor ${names.join()}` : `tensors ${names.join(', ')}`;
  return {
    code: 'model/external-data',
    message: `${message} (${whose})`,
    place,
    remedy,
  };
}

function tooLarge(bytes: number, memoryBytes: number): Obstacle {
  const gigabytes = (count: number): string => `${(count / 2 ** 30).toFixed(1)} GiB`;
  return {
    message:
      `the external data has ${gigabytes(bytes)}, and ${gigabytes(memoryBytes)} of memory are ` +
      `free for up to ${copiesInMemory} copies of it`,
    remedy: 'use a smaller model, or a machine with more memory',
  };
}

/** What the entries of the tensor say (ONNX ExternalDataInfo), checked against its shape. */
function rangeOf(tensor: TensorProto): ExternalRange | Obstacle {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  const offset = Number(entries.get('offset') ?? '0');
  const given = entries.get('length');
  if (![entries.get('offset'), given].every((text) => text === undefined || isCount(text))) {
    return { message: 'an external offset or length is no number', remedy: writeOneFile };
  }
  if (tensor.rawData.length > 0) {
    return { message: 'there is data both in the model and in another file', remedy: writeOneFile };
  }
  const bits = elementBits(tensor.dataType);
  if (bits === null) {
    const type = elementTypeName(tensor.dataType);
    return {
      message: `external values of type ${type} are not supported`,
      remedy: 'export the model with float32 weights',
    };
  }
  const shape = shapeOrObstacle(tensor);
  if ('message' in shape) return shape;
  const length = Math.ceil((sizeOf(shape) * bits) / 8);
  if (given !== undefined && Number(given) !== length) {
    return {
      message: `external data of ${given} bytes does not fill the shape [${shape.join(', ')}], which needs ${length}`,
      remedy: writeOneFile,
    };
  }
  return locationObstacle(location) ?? { tensor, location, offset, length };
}

function shapeOrObstacle({ dims }: TensorProto): readonly number[] | Obstacle {
  try {
    return decodeDims(dims, '');
  } catch (error) {
    const problem = error instanceof UserError ? error.diagnostics[0] : undefined;
    if (problem === undefined) throw error;
    return { message: problem.message, remedy: problem.remedy ?? '' };
  }
}

function isCount(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}

/** Paths are relative, with `/`; nothing may point out of the folder, on any system. */
function locationObstacle(location: string): Obstacle | null {
  const remedy =
    'put the data file beside the model and save the model with a plain file name as location';
  if (location === '') return { message: 'the name of the external data file is missing', remedy };
  const parts = location.split(/[/\\]/);
  const rooted = parts[0] === '' || /^[a-z]:/i.test(location);
  if (rooted) {
    return { message: `the external data file "${location}" is an absolute path`, remedy };
  }
  if (parts.includes('..') || location.includes('\0')) {
    return {
      message: `the external data file "${location}" is outside the model's folder`,
      remedy,
    };
  }
  return null;
}

/** The regular file at `location`, whose real path is inside the real folder of the model. */
async function findFile(location: string, modelPath: string): Promise<ExternalFile | Obstacle> {
  const folder = dirname(modelPath);
  try {
    const path = await realpath(join(folder, location));
    const inside = relative(await realpath(folder), path);
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      return {
        message: `the external data file "${location}" is a link that leaves the model's folder`,
        remedy: 'copy the file itself into the folder of the model',
      };
    }
    const status = await stat(path);
    if (status.isFile()) return { path, size: status.size };
    return {
      message: `the external data file "${location}" is not a regular file`,
      remedy: 'put the data file that was exported with the model in its folder',
    };
  } catch (error) {
    return unreadable(location, error);
  }
}

const copyAgain = 'copy the data file that was exported with the model into its folder';

function unreadable(location: string, error: unknown): Obstacle {
  const reason = error instanceof Error && 'code' in error ? String(error.code) : null;
  if (reason === null) throw error;
  const missing = reason === 'ENOENT' || reason === 'ENOTDIR';
  const problem = missing ? 'is missing' : `cannot be read (${reason})`;
  return { message: `the external data file "${location}" ${problem}`, remedy: copyAgain };
}

function outside({ location, offset, length }: ExternalRange, file: ExternalFile): Obstacle | null {
  if (offset + length <= file.size) return null;
  return {
    message: `the external data file "${location}" has ${file.size} bytes, too few for ${length} bytes at ${offset}`,
    remedy: 'copy the data file again: it is cut off, or belongs to another model',
  };
}

/** Reads all ranges of one file; tensors that share a range share its bytes. */
async function readRanges(
  { path }: ExternalFile,
  ranges: readonly ExternalRange[],
  modelPath: string,
): Promise<void> {
  const [first] = ranges;
  if (first === undefined) return;
  let file: FileHandle;
  try {
    // Does not wait should the file have become a pipe since it was looked at.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new UserError([
      diagnostic(unreadable(first.location, error), namesOf(ranges), modelPath),
    ]);
  }
  const done = new Map<string, Uint8Array<ArrayBuffer>>();
  try {
    for (const range of ranges) {
      const key = `${range.offset} ${range.length}`;
      const bytes = done.get(key) ?? (await readRange(file, range, modelPath));
      done.set(key, bytes);
      range.tensor.rawData = bytes;
    }
  } finally {
    await file.close();
  }
}

function namesOf(ranges: readonly ExternalRange[]): readonly string[] {
  return ranges.map(({ tensor }) => `"${tensor.name}"`);
}

/** One system call gives 2 GiB at most, and may give less than was asked for. */
const largestRead = 2 ** 30;

/** The bytes in a buffer of their own. */
async function readRange(
  file: FileHandle,
  range: ExternalRange,
  modelPath: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const { location, offset, length } = range;
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = Math.min(largestRead, length - at);
    const { bytesRead } = await file.read(bytes, at, count, offset + at);
    if (bytesRead === 0) {
      const message = `the external data file "${location}" became shorter while it was read`;
      throw new UserError([
        diagnostic({ message, remedy: copyAgain }, namesOf([range]), modelPath),
      ]);
    }
    at += bytesRead;
  }
  return bytes;
}
