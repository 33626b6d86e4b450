import type { FileHandle } from 'node:fs/promises';
import { open, readFile } from 'node:fs/promises';
import { diskFailure } from '../base/disk-failure.ts';
import { fail } from '../base/diagnostics.ts';
import { invariant } from '../base/invariant.ts';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { readFailure } from '../read/read-failure.ts';
import { refuseSpecialFile } from '../read/special-file.ts';
import type { StoreHeader, StoredJob } from './store-format.ts';
import { contentOf, headerSchema, lineOf, recordSchema, storeVersion } from './store-format.ts';
import { lockStore } from './store-lock.ts';

/** What a store holds. */
export interface StoreContent {
  readonly header: StoreHeader;
  /** In the order they were finished. */
  readonly jobs: readonly StoredJob[];
  /** Bytes of whole lines; what follows is the line that a killed process left unfinished. */
  readonly wholeBytes: number;
}

/**
 * Reads a store, also while a search writes to it. A last line that is not whole was being written
 * when something ended the search: it is left out. Throws `UserError` for a file that is none, of
 * another version, or damaged before its end.
 */
export async function readStore(path: string): Promise<StoreContent> {
  await refuseSpecialFile('explore/store-unreadable', path);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    return readFailure('explore/store-unreadable', path, error);
  }
  return parseStore(path, bytes);
}

export function parseStore(path: string, bytes: Buffer): StoreContent {
  const end = bytes.lastIndexOf(0x0a) + 1;
  const lines = bytes.toString('utf8', 0, end).split('\n').slice(0, -1);
  const [first, ...others] = lines;
  const header = first === undefined ? null : headerSchema.safeParse(contentOf(first));
  if (header?.success !== true) {
    return fail('explore/not-a-store', 'this file does not hold a search', {
      place: path,
      remedy: 'name another file with --store, or remove this one',
    });
  }
  if (header.data.version !== storeVersion) {
    fail(
      'explore/store-version',
      `the store has version ${String(header.data.version)}, this nzflow (${String(storeVersion)}) reads another`,
      { place: path, remedy: `use nzflow ${header.data.tool.version}, or begin a new store` },
    );
  }
  let wholeBytes = Buffer.byteLength(`${String(first)}\n`);
  const jobs: StoredJob[] = [];
  for (const [index, line] of others.entries()) {
    const record = recordSchema.safeParse(contentOf(line));
    if (!record.success) {
      return fail('explore/store-damaged', 'a line of the store is damaged', {
        place: `${path}:${String(index + 2)}`,
        remedy: 'remove that line: its job is done again',
      });
    }
    wholeBytes += Buffer.byteLength(`${line}\n`);
    jobs.push(record.data);
  }
  return { header: header.data, jobs, wholeBytes };
}

/**
 * A store that a search adds to: one file, a line a job, each on the disk before the search goes on.
 * Nobody else can open it until it is closed.
 */
export class Store {
  readonly #file: FileHandle;
  readonly #path: string;
  readonly #unlock: () => Promise<void>;
  #length: number;
  #queue: Promise<void> = Promise.resolve();

  private constructor(path: string, file: FileHandle, length: number, unlock: () => Promise<void>) {
    this.#path = path;
    this.#file = file;
    this.#length = length;
    this.#unlock = unlock;
  }

  /**
   * Opens a store, or makes it. `header` says which search is meant: throws `UserError` when the
   * store holds another one, or is open elsewhere. Returns it with what it holds.
   */
  static async open(
    path: string,
    header: StoreHeader,
  ): Promise<Pick<StoreContent, 'header' | 'jobs'> & { readonly store: Store }> {
    const unlock = await lockStore(path);
    try {
      const content = (await exists(path)) ? await readStore(path) : await begin(path, header);
      refuseOther(path, content.header, header);
      const { wholeBytes, jobs } = content;
      const file = await openToAdd(path, wholeBytes);
      const store = new Store(path, file, wholeBytes, unlock);
      return { store, header: content.header, jobs };
    } catch (error) {
      await unlock();
      throw error;
    }
  }

  /** Adds a job; resolves when it is on the disk. A job that cannot be written leaves no trace. */
  add(job: StoredJob): Promise<void> {
    const added = this.#queue.then(() => this.#append(`${lineOf(job)}\n`));
    this.#queue = added.catch(() => undefined);
    return added;
  }

  async #append(line: string): Promise<void> {
    const bytes = Buffer.from(line);
    try {
      // a part may be written where there is room for it; the reason comes with the next one
      for (let at = 0; at < bytes.length;) {
        const left = bytes.length - at;
        const { bytesWritten } = await this.#file.write(bytes, at, left, this.#length + at);
        invariant(bytesWritten > 0, 'a write that wrote nothing');
        at += bytesWritten;
      }
      await this.#file.datasync();
      this.#length += bytes.length;
    } catch (cause) {
      await this.#file.truncate(this.#length).catch(() => undefined);
      fail('explore/store-unwritable', `a finished trial cannot be kept${because(cause)}`, {
        place: this.#path,
        remedy: 'make room on the disk and start the search again: what was kept before is whole',
        cause,
      });
    }
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#file.close();
    await this.#unlock();
  }
}

async function openToAdd(path: string, wholeBytes: number): Promise<FileHandle> {
  try {
    const file = await open(path, 'r+');
    await file.truncate(wholeBytes);
    return file;
  } catch (cause) {
    return fail('explore/store-unwritable', `the store cannot be added to${because(cause)}`, {
      place: path,
      remedy: 'check its permissions, or name another file with --store',
      cause,
    });
  }
}

function because(cause: unknown): string {
  const reason = diskFailure(cause);
  return reason === null ? '' : `: ${reason}`;
}

async function exists(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'r');
    const { size } = await file.stat();
    await file.close();
    return size > 0;
  } catch {
    return false;
  }
}

async function begin(path: string, header: StoreHeader): Promise<StoreContent> {
  const line = `${lineOf(header)}\n`;
  try {
    await writeFileAtomic(path, line);
  } catch (cause) {
    fail('explore/store-unwritable', `the store cannot be made${because(cause)}`, {
      place: path,
      remedy: 'check the folder and the room on the disk, or name another file with --store',
      cause,
    });
  }
  return { header, jobs: [], wholeBytes: Buffer.byteLength(line) };
}

function refuseOther(path: string, found: StoreHeader, wanted: StoreHeader): void {
  const names = new Set([...Object.keys(found.parts), ...Object.keys(wanted.parts)]);
  const other = [...names].filter((name) => found.parts[name] !== wanted.parts[name]);
  if (other.length === 0) return;
  fail(
    'explore/other-search',
    `the store belongs to a search with another ${other.join(', another ')}`,
    {
      place: path,
      remedy: 'name another file with --store, or take back what was changed',
    },
  );
}
