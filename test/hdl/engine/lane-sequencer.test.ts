import { describe, expect, it } from 'vitest';
import { ceilLog2, indexBits } from '../../../src/base/bits.ts';
import { seededRandom, type Random } from '../tail/random.ts';
import { expectCycles, type Cycle } from './cycle-bench.ts';

interface Case {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  /** First kernel position of the lane and how many it takes. */
  readonly first: number;
  readonly positions: number;
  readonly words: number;
  readonly fixedCount: number;
  readonly padding: number;
  readonly lockStep: boolean;
  readonly width: number;
  readonly height: number;
  /** Rows and columns between kernel positions. */
  readonly dilation: readonly [number, number];
}

const plain: Omit<Case, 'kernelHeight' | 'kernelWidth' | 'first' | 'positions'> = {
  words: 1,
  fixedCount: 0,
  padding: 0,
  lockStep: false,
  width: 8,
  height: 6,
  dilation: [1, 1],
};
const lockStep = { ...plain, lockStep: true };
const cases: readonly Case[] = [
  { ...plain, kernelHeight: 3, kernelWidth: 3, first: 0, positions: 9 },
  { ...plain, kernelHeight: 3, kernelWidth: 3, first: 4, positions: 4, words: 3, padding: 1 },
  { ...plain, kernelHeight: 5, kernelWidth: 5, first: 23, positions: 2, words: 2, padding: 2 },
  { ...plain, kernelHeight: 1, kernelWidth: 1, first: 0, positions: 1, width: 2 },
  { ...plain, kernelHeight: 1, kernelWidth: 1, first: 0, positions: 1, fixedCount: 1, words: 4 },
  // windows wider and higher than the map
  { ...plain, kernelHeight: 5, kernelWidth: 7, first: 3, positions: 30, padding: 3, width: 3 },
  { ...plain, kernelHeight: 4, kernelWidth: 3, first: 5, positions: 6, fixedCount: 3, padding: 1 },
  // positions apart, in both directions or in one, with borders and without
  { ...plain, kernelHeight: 3, kernelWidth: 3, first: 0, positions: 9, dilation: [2, 2] },
  {
    ...plain,
    kernelHeight: 3,
    kernelWidth: 3,
    first: 5,
    positions: 4,
    dilation: [2, 4],
    padding: 4,
    words: 2,
  },
  { ...plain, kernelHeight: 1, kernelWidth: 3, first: 1, positions: 2, dilation: [1, 3] },
  // dense lock step
  { ...lockStep, kernelHeight: 3, kernelWidth: 3, first: 0, positions: 5, fixedCount: 4, words: 3 },
  {
    ...lockStep,
    kernelHeight: 2,
    kernelWidth: 5,
    first: 7,
    positions: 3,
    fixedCount: 1,
    padding: 1,
  },
];

const rowBits = 3;
const leadBits = 6;
const maximumCount = 5;

interface Position {
  readonly row: number;
  readonly column: number;
  readonly onMap: boolean;
  /** Steps with a token; 0 where the position takes one step without any. */
  readonly tokens: number;
}

/** A window at a random place of the map that begins with row `map`, and the positions that the lane walks. */
function randomWindow(test: Case, random: Random, map: number): Window {
  const { width, height, padding } = test;
  const [dilationY, dilationX] = test.dilation;
  const reachY = (test.kernelHeight - 1) * dilationY + 1;
  const reachX = (test.kernelWidth - 1) * dilationX + 1;
  const loadRow = random.integer(-padding, Math.max(0, height - reachY + padding));
  const loadColumn = random.integer(-padding, Math.max(0, width - reachX + padding));
  const positions = Array.from({ length: test.positions }, (_, index): Position => {
    const at = test.first + index;
    const y = loadRow + Math.floor(at / test.kernelWidth) * dilationY;
    const column = loadColumn + (at % test.kernelWidth) * dilationX;
    const onMap = padding === 0 || (y >= 0 && y < height && column >= 0 && column < width);
    const count = test.fixedCount === 0 ? random.integer(0, maximumCount) : test.fixedCount;
    return { row: map + y, column, onMap, tokens: onMap || test.lockStep ? count : 0 };
  });
  return {
    row: map + loadRow,
    y: loadRow,
    column: loadColumn,
    positions,
    hurry: random.chance(0.4) ? 1 : 0.15,
  };
}

interface Window {
  /** Corner: row since reset, row in its map, column. */
  readonly row: number;
  readonly y: number;
  readonly column: number;
  readonly positions: readonly Position[];
  /** How likely a site arrives in a cycle. */
  readonly hurry: number;
}

/** Walks random windows; `step_i` is given whenever possible, or less often. */
function sequencerCycles(test: Case, seed: number, windows: number): readonly Cycle[] {
  const random = seededRandom(seed);
  const { words } = test;
  const columnBits = indexBits(test.width);
  const positionStride = maximumCount;
  const wordStride = positionStride * test.positions;
  const cycles: Cycle[] = [];
  const walked: Window[] = [randomWindow(test, random, 0)];
  const windowAt = (index: number): Window => {
    const found = walked[index];
    if (found === undefined) throw new Error(`window ${index} is not known yet`);
    return found;
  };
  // counted over all windows
  const placeOf = (position: number): Position | undefined =>
    walked[Math.floor(position / test.positions)]?.positions[position % test.positions];
  let loaded = 0;
  let lastLoad = -1;
  let told = random.integer(0, 3); // the cycle from which on the next window is told
  let rows = 0;
  let written = 0;
  let active = false;
  let looked = -1; // the position looked at, -1 where none is
  let lookedBefore = -1; // the last one that was
  let stepped = -1; // the position stepped on, -1 while it waits
  let token = 0;
  let word = 0;
  let base: number | undefined;
  while (loaded < windows || active) {
    const cycle = cycles.length;
    const site = placeOf(stepped);
    const canStep = site === undefined ? test.lockStep && !active : true;
    const step = canStep && random.chance(0.8);
    const issue = site !== undefined && step && site.tokens > 0;
    const last = stepped % test.positions === test.positions - 1;
    const ends =
      site !== undefined &&
      (site.tokens === 0 || (token === site.tokens - 1 && word === words - 1));
    const laneEnd = ends && step && last;
    const complete = !active || (ends && last);
    const valid = loaded < windows && cycle >= told;
    const load =
      (!active || laneEnd) && valid && cycle > told && cycle > lastLoad + 1 && random.chance(0.6);
    const next = valid ? windowAt(loaded) : undefined;

    const place = placeOf(looked);
    const there =
      place !== undefined &&
      (!place.onMap || place.row < rows || (place.row === rows && place.column < written));
    const known = place?.onMap === true && there && test.fixedCount === 0;
    cycles.push({
      inputs: {
        load_i: load ? 1 : 0,
        window_valid_i: valid ? 1 : 0,
        window_row_i: next?.row,
        window_y_i: next?.y,
        window_column_i: next?.column,
        start_row_i: Math.floor(test.first / test.kernelWidth),
        start_column_i: test.first % test.kernelWidth,
        positions_i: test.positions,
        rows_i: rows,
        written_i: written,
        count_i: known ? place.tokens - 1 : undefined,
        step_i: step ? 1 : 0,
      },
      outputs: {
        look_slot_o: place?.onMap === true ? place.row : undefined,
        look_column_o: place?.onMap === true ? place.column : undefined,
        can_step_o: canStep ? 1 : 0,
        slot_o: site?.onMap === true ? site.row : undefined,
        column_o: site?.onMap === true ? site.column : undefined,
        issue_o: issue ? 1 : 0,
        off_map_o: site === undefined ? (active ? undefined : 1) : site.onMap ? 0 : 1,
        token_o: issue ? token : undefined,
        word_number_o: issue ? word : undefined,
        base_o: base,
        active_o: active ? 1 : 0,
        complete_o: complete ? 1 : 0,
      },
    });
    base = issue ? (stepped % test.positions) * positionStride + word * wordStride : undefined;

    const free = stepped < 0 || (step && ends);
    if (!free && step) {
      word = (word + 1) % words;
      if (word === 0) token += 1;
    }
    // a position is taken over with the last step of the one before it, the first with the load
    const mine = looked >= 0 && looked < (loaded + (load ? 1 : 0)) * test.positions;
    const taken = free && mine && there;
    if (free) {
      stepped = taken ? looked : -1;
      token = 0;
      word = 0;
    }
    if (taken || looked < 0) {
      const after = lookedBefore + 1;
      const inWindow = after % test.positions > 0;
      looked = inWindow || (valid && Math.floor(after / test.positions) === loaded) ? after : -1;
      if (looked >= 0) lookedBefore = looked;
    }
    if (laneEnd) active = false;
    // the store keeps what windows need: it takes only so many rows more
    const oldest = Math.min(...walked.slice(Math.max(0, loaded - 1)).map(({ row }) => row));
    if (rows < oldest + 2 ** (leadBits - 2) && random.chance(walked.at(-1)?.hurry ?? 1)) {
      written += 1;
      if (written >= test.width) {
        written = 0;
        rows += 1;
      }
    }
    if (load) {
      active = true;
      lastLoad = cycle;
      loaded += 1;
      told = cycle + 1 + (random.chance(0.5) ? 0 : random.integer(0, 9));
      // windows of one map, then of another one, which begins with a row not written yet, or there
      const map = random.chance(0.5) ? rows : Math.max(0, rows - test.height);
      walked.push(randomWindow(test, random, map));
    }
    if (cycle > 30_000) throw new Error('no end');
  }
  // columns may be compared only as far as they are decoded
  expect(2 ** columnBits).toBeGreaterThanOrEqual(test.width);
  return cycles;
}

describe('lane_sequencer', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 1000 + index })))(
    'kernel $kernelHeight x $kernelWidth from $first, $words words, $fixedCount fixed, padding $padding, dilation $dilation, lock step $lockStep, seed $seed',
    (test) => {
      const columnBits = indexBits(test.width);
      const xBits = columnBits + 4;
      const positionBits = ceilLog2(test.positions + 1);
      const countBits = ceilLog2(maximumCount + 1);
      const baseBits = ceilLog2(maximumCount * test.positions * test.words + 1) + 1;
      expectCycles({
        module: 'lane_sequencer',
        parameters: {
          RowBits: rowBits,
          ColumnBits: columnBits,
          XBits: xBits,
          LeadBits: leadBits,
          KernelWidth: test.kernelWidth,
          DilationY: test.dilation[0],
          DilationX: test.dilation[1],
          PositionBits: positionBits,
          CountBits: countBits,
          FixedCount: test.fixedCount,
          Words: test.words,
          WordNumberBits: 2,
          BaseBits: baseBits,
          PositionStride: maximumCount,
          WordStride: maximumCount * test.positions,
          Height: test.height,
          Width: test.width,
          Padded: test.padding > 0 ? 1 : 0,
          LockStep: test.lockStep ? 1 : 0,
        },
        inputs: [
          { name: 'load_i', bits: 1 },
          { name: 'window_valid_i', bits: 1 },
          { name: 'window_row_i', bits: leadBits },
          { name: 'window_y_i', bits: leadBits },
          { name: 'window_column_i', bits: xBits },
          { name: 'start_row_i', bits: leadBits },
          { name: 'start_column_i', bits: xBits },
          { name: 'positions_i', bits: positionBits },
          { name: 'rows_i', bits: leadBits },
          { name: 'written_i', bits: columnBits + 1 },
          { name: 'count_i', bits: countBits },
          { name: 'step_i', bits: 1 },
        ],
        outputs: [
          { name: 'look_slot_o', bits: rowBits },
          { name: 'look_column_o', bits: columnBits },
          { name: 'can_step_o', bits: 1 },
          { name: 'slot_o', bits: rowBits },
          { name: 'column_o', bits: columnBits },
          { name: 'issue_o', bits: 1 },
          { name: 'off_map_o', bits: 1 },
          { name: 'token_o', bits: countBits },
          { name: 'word_number_o', bits: 2 },
          { name: 'base_o', bits: baseBits },
          { name: 'active_o', bits: 1 },
          { name: 'complete_o', bits: 1 },
        ],
        cycles: sequencerCycles(test, test.seed, 60),
      });
    },
  );
});
