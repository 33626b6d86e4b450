import { readFile, readdir } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { z } from 'zod';
import type { Board, BoardFamily, BoardPins } from '../ir/board.ts';
import { fail } from '../base/diagnostics.ts';
import { suggestion } from '../base/suggest.ts';
import { boardSchema, familySchema } from './board-schema.ts';
import { parseConfigDocument } from './config-document.ts';
import { refuseSpecialFile } from './special-file.ts';

/** `boards/` of the package: two levels up from src/read as well as from dist/read. */
const boardsFolder = fileURLToPath(new URL('../../boards/', import.meta.url));

/** Names of the boards that come with nzflow, sorted. */
export async function boardNames(): Promise<readonly string[]> {
  const files = await readdir(boardsFolder);
  return files
    .filter((file) => extname(file) === '.yaml')
    .map((file) => basename(file, '.yaml'))
    .sort();
}

/** Every board that comes with nzflow, sorted by name. */
export async function listBoards(): Promise<readonly Board[]> {
  return Promise.all((await boardNames()).map(readBoard));
}

/** Whether a board is given by the path of a file: anything with a slash or ending in .yaml or .yml. */
export function isBoardFile(nameOrPath: string): boolean {
  return /[/\\]|\.ya?ml$/.test(nameOrPath);
}

/**
 * A known board by name, or the user's own by path. Throws `UserError` for an unknown name, a file that cannot be read and every mistake in it.
 */
export async function readBoard(nameOrPath: string): Promise<Board> {
  const own = isBoardFile(nameOrPath);
  if (!own) {
    const names = await boardNames();
    if (!names.includes(nameOrPath)) {
      fail('board/unknown', `unknown board "${nameOrPath}"`, {
        place: '--board',
        remedy: `${suggestion(nameOrPath, names)}; see \`nzflow boards\`, or give the path of your own board file`,
      });
    }
  }
  const file = own ? nameOrPath : `${boardsFolder}${nameOrPath}.yaml`;
  const text = await readBoardText(file);
  const written = parseConfigDocument({ file, text, area: 'board' }, boardSchema);
  const family = await readFamily(written.family);
  const override = written.energyPicojoules ?? {};
  const energy = family.energyPicojoules;
  return {
    name: written.name,
    title: written.title ?? written.name,
    part: written.part,
    family: written.family,
    resources: written.resources,
    dies: written.dies,
    usableShare: written.usableShare,
    clockMHz: written.clockMHz,
    dramGigabytesPerSecond: written.dramGigabytesPerSecond ?? null,
    dramShare: written.dramShare,
    maximumBeatBits: written.maximumBeatBits,
    resourceNames: family.names,
    blockMemory: family.blockMemory,
    pins: pinsOf(written.pins),
    int8ProductsPerDsp: family.dsp.int8ProductsPerBlock,
    staticWatts: written.staticWatts,
    floorWatts: written.floorWatts ?? null,
    shell: written.shell ?? null,
    blockDesign:
      written.blockDesign === undefined
        ? null
        : { ...written.blockDesign, carrier: written.blockDesign.carrier ?? null },
    energyPicojoules: {
      'multiply-dsp': override['multiply-dsp'] ?? energy['multiply-dsp'],
      'multiply-dsp-wide': override['multiply-dsp-wide'] ?? energy['multiply-dsp-wide'],
      'multiply-lut': override['multiply-lut'] ?? energy['multiply-lut'],
      'bram-read': override['bram-read'] ?? energy['bram-read'],
      'uram-read': override['uram-read'] ?? energy['uram-read'],
      'lutram-bit': override['lutram-bit'] ?? energy['lutram-bit'],
      'lut-toggle': override['lut-toggle'] ?? energy['lut-toggle'],
      'ff-toggle': override['ff-toggle'] ?? energy['ff-toggle'],
      'clock-ff-cycle': override['clock-ff-cycle'] ?? energy['clock-ff-cycle'],
      'dram-bit': override['dram-bit'] ?? energy['dram-bit'],
    },
    energyScales: family.energyScales,
  };
}

function pinsOf(pins: z.infer<typeof boardSchema>['pins']): BoardPins | null {
  if (pins === undefined) return null;
  const { resetButton, ...needed } = pins;
  return resetButton === undefined ? needed : { ...needed, resetButton };
}

async function readFamily(family: BoardFamily): Promise<ReturnType<typeof parseFamily>> {
  const file = `${boardsFolder}families/${family}.yaml`;
  return parseFamily(file, await readFile(file, 'utf8'));
}

function parseFamily(file: string, text: string) {
  return parseConfigDocument({ file, text, area: 'board' }, familySchema);
}

async function readBoardText(file: string): Promise<string> {
  await refuseSpecialFile('board/unreadable', file);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    return fail('board/unreadable', 'cannot read the board file', {
      place: file,
      remedy: 'check the path; `nzflow boards` lists the boards that come with nzflow',
      cause,
    });
  }
}
