import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UserError } from '../../src/base/diagnostics.ts';
import { energyCoefficients, usableResources } from '../../src/ir/board.ts';
import { boardNames, listBoards, readBoard } from '../../src/read/board.ts';

const good = `name: mine
part: xc7a100tcsg324-1
family: series7
resources: { lut: 1000, ff: 2000, bram36: 10, uram: 0, dsp: 20 }
clockMHz: 100
maximumBeatBits: 64
staticWatts: { low: 0.1, nominal: 0.2, high: 0.3 }
`;

describe('boards that come with nzflow', () => {
  it('are at least the promised ones', async () => {
    expect(await boardNames()).toEqual(
      expect.arrayContaining(['alveo-u250', 'arty-a7-100t', 'pynq-z2', 'ultra96', 'zcu104']),
    );
  });

  it('are complete, and each is named as its file', async () => {
    const names = await boardNames();
    const boards = await listBoards();
    expect(boards.map((board) => board.name)).toEqual(names);
    for (const board of boards) {
      expect(Object.keys(board.energyPicojoules).sort()).toEqual([...energyCoefficients].sort());
      expect(board.resources.lut).toBeGreaterThan(0);
    }
  });

  it('knows the Alveo U250', async () => {
    const board = await readBoard('alveo-u250');
    expect(board.resources).toEqual({
      lut: 1_728_000,
      ff: 3_456_000,
      bram36: 2688,
      uram: 1280,
      dsp: 12_288,
    });
    expect(board.clockMHz).toBe(250);
    expect(board.maximumBeatBits).toBe(512);
    expect(board.int8ProductsPerDsp).toBe(2);
    expect(board.energyPicojoules['multiply-dsp']).toEqual({ low: 1.5, nominal: 3.5, high: 8 });
    expect(usableResources(board)).toEqual({
      lut: 1_382_400,
      ff: 2_764_800,
      bram36: 2150,
      uram: 1024,
      dsp: 9830,
    });
  });
});

describe('a board of the user', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nzflow-boards-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** The messages of the mistakes in a board file. */
  async function mistakes(text: string): Promise<string> {
    const file = join(folder, 'board.yaml');
    await writeFile(file, text);
    const error: unknown = await readBoard(file).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(UserError);
    return error instanceof UserError ? error.message.replaceAll(file, 'board.yaml') : '';
  }

  it('takes its family’s energy table and may replace entries', async () => {
    const file = join(folder, 'good.yaml');
    await writeFile(
      file,
      `${good}energyPicojoules: { multiply-dsp: { low: 1, nominal: 2, high: 3 } }\n`,
    );
    const board = await readBoard(file);
    expect(board.title).toBe('mine');
    expect(board.usableShare).toBe(0.8);
    expect(board.energyPicojoules['multiply-dsp'].nominal).toBe(2);
    expect(board.energyPicojoules['lut-toggle'].nominal).toBe(0.55);
  });

  it('with an unknown name is refused with the nearest one', async () => {
    await expect(readBoard('alveo-u25')).rejects.toThrow(
      /unknown board "alveo-u25"[^]*did you mean "alveo-u250"/,
    );
    await expect(readBoard('nothing-like-it')).rejects.toThrow(/one of: alveo-u250, arty-a7-100t/);
  });

  it('that is not there is refused with its path', async () => {
    await expect(readBoard('./not/there.yaml')).rejects.toThrow(
      /not\/there.yaml: cannot read the board file/,
    );
  });

  it('has all its mistakes told at once, each with line and column', async () => {
    const text = good
      .replace('part:', 'prat:')
      .replace('ff: 2000', 'ff: -1')
      .replace('series7', 'series9');
    const message = await mistakes(text);
    expect(message).toContain(
      'board.yaml:2:1: unknown key "prat" [board/unknown-key]\n  remedy: did you mean "part"?',
    );
    expect(message).toContain('key "part" is missing');
    expect(message).toMatch(/board.yaml:3:9: family: invalid option/);
    expect(message).toMatch(/board.yaml:4:29: resources.ff: too small/);
  });

  it('needs ordered brackets', async () => {
    expect(await mistakes(good.replace('nominal: 0.2', 'nominal: 0.5'))).toMatch(
      /board.yaml:7:14: staticWatts: needs low <= nominal <= high/,
    );
  });

  it('may say what it draws at rest; what ships says so where it was measured', async () => {
    const file = join(folder, 'floor.yaml');
    await writeFile(file, `${good}floorWatts: { low: 1, nominal: 2, high: 3 }\n`);
    expect((await readBoard(file)).floorWatts).toEqual({ low: 1, nominal: 2, high: 3 });
    expect(await mistakes(`${good}floorWatts: { low: 2, nominal: 1, high: 3 }\n`)).toMatch(
      /board.yaml:8:13: floorWatts: needs low <= nominal <= high/,
    );
    const measured = (await listBoards()).filter(({ floorWatts }) => floorWatts !== null);
    expect(measured.map(({ name }) => name)).toEqual(['arty-a7-100t', 'pynq-z2']);
  });

  it('must be YAML, and not empty', async () => {
    expect(await mistakes('name: [')).toMatch(/board.yaml:1:8: .*\[board\/not-yaml\]/);
    expect(await mistakes('')).toMatch(/board.yaml:1:1: key "name" is missing/);
    expect(await mistakes(`${good}name: twice\n`)).toMatch(
      /board.yaml:8:1: Map keys must be unique/,
    );
  });
});
