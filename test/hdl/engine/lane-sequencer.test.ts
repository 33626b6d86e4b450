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
const leadBits = 7;
const maximumCount = 5;

interface Position {
  readonly row: number;
  readonly column: number;
  readonly onMap: boolean;
  /** Steps with a token; 0 where the position takes one step without any. */
  readonly tokens: number;
}

/** A window at a random place and the positions of it that the lane walks. */
function randomWindow(test: Case, random: Random): Window {
  const { width, height, padding } = test;
  const [dilationY, dilationX] = test.dilation;
  const reachY = (test.kernelHeight - 1) * dilationY + 1;
  const reachX = (test.kernelWidth - 1) * dilationX + 1;
  const loadRow = random.integer(-padding, Math.max(0, height - reachY + padding));
  const loadColumn = random.integer(-padding, Math.max(0, width - reachX + padding));
  // rows are counted from the first one needed
  const firstRow = Math.max(0, loadRow);
  const relative = loadRow - firstRow;
  const rowsBelow = height - firstRow;
  const positions = Array.from({ length: test.positions }, (_, index): Position => {
    const at = test.first + index;
    const row = relative + Math.floor(at / test.kernelWidth) * dilationY;
    const column = loadColumn + (at % test.kernelWidth) * dilationX;
    const onMap = padding === 0 || (row >= 0 && row < rowsBelow && column >= 0 && column < width);
    const count = test.fixedCount === 0 ? random.integer(0, maximumCount) : test.fixedCount;
    return { row, column, onMap, tokens: onMap || test.lockStep ? count : 0 };
  });
  return {
    relative,
    loadColumn,
    rowsBelow,
    slot: random.integer(0, 2 ** rowBits - 1),
    positions,
    lead: random.integer(-2, 3),
    written: random.integer(0, width - 1),
    hurry: random.chance(0.4) ? 1 : 0.15,
  };
}

interface Window {
  readonly relative: number;
  readonly loadColumn: number;
  readonly rowsBelow: number;
  readonly slot: number;
  readonly positions: readonly Position[];
  readonly lead: number;
  readonly written: number;
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
  let window: Window | null = null;
  let next = randomWindow(test, random);
  let loaded = 0;
  let lead = 0;
  let written = 0;
  let position = -1; // none while waiting for a load
  let token = 0;
  let word = 0;
  let base: number | undefined;
  while (loaded < windows || position >= 0) {
    const site = position >= 0 ? window?.positions[position] : undefined;
    const active = site !== undefined;
    const isWritten =
      active && (site.row < lead || (site.row === lead && site.column < written && site.onMap));
    const canStep = active ? isWritten || !site.onMap : test.lockStep;
    const step = canStep && random.chance(0.8);
    const issue = active && step && site.tokens > 0;
    const siteEnd =
      active && (site.tokens === 0 || (token === site.tokens - 1 && word === words - 1));
    const laneEnd = siteEnd && step && position === test.positions - 1;
    const load = (!active || laneEnd) && loaded < windows && random.chance(0.6);
    const known = active && test.fixedCount === 0 && isWritten && site.onMap;
    cycles.push({
      inputs: {
        load_i: load ? 1 : 0,
        load_row_i: load ? next.relative : undefined,
        load_column_i: load ? next.loadColumn : undefined,
        rows_below_i: window?.rowsBelow,
        first_slot_i: window?.slot,
        start_row_i: Math.floor(test.first / test.kernelWidth),
        start_column_i: test.first % test.kernelWidth,
        positions_i: test.positions,
        lead_i: lead,
        written_i: written,
        count_i: known ? site.tokens : undefined,
        step_i: step ? 1 : 0,
      },
      outputs: {
        can_step_o: canStep ? 1 : 0,
        slot_o: active && site.onMap ? (window?.slot ?? 0) + site.row : undefined,
        column_o: active && site.onMap ? site.column : undefined,
        issue_o: issue ? 1 : 0,
        off_map_o: active && site.onMap ? 0 : 1,
        token_o: issue ? token : undefined,
        word_number_o: issue ? word : undefined,
        base_o: base,
        complete_o: !active || laneEnd ? 1 : 0,
      },
    });
    base = issue ? position * positionStride + word * wordStride : undefined;
    if (active && step) {
      if (siteEnd) {
        position = laneEnd ? -1 : position + 1;
        token = 0;
        word = 0;
      } else {
        word = (word + 1) % words;
        if (word === 0) token += 1;
      }
    }
    if (random.chance(window?.hurry ?? 1)) {
      written += 1;
      if (written >= test.width) {
        written = 0;
        lead += 1;
      }
    }
    if (load) {
      window = next;
      next = randomWindow(test, random);
      ({ lead, written } = window);
      position = 0;
      loaded += 1;
    }
    if (cycles.length > 20_000) throw new Error('no end');
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
          Width: test.width,
          Padded: test.padding > 0 ? 1 : 0,
          LockStep: test.lockStep ? 1 : 0,
        },
        inputs: [
          { name: 'load_i', bits: 1 },
          { name: 'load_row_i', bits: leadBits },
          { name: 'load_column_i', bits: xBits },
          { name: 'rows_below_i', bits: leadBits },
          { name: 'first_slot_i', bits: rowBits },
          { name: 'start_row_i', bits: leadBits },
          { name: 'start_column_i', bits: xBits },
          { name: 'positions_i', bits: positionBits },
          { name: 'lead_i', bits: leadBits },
          { name: 'written_i', bits: columnBits + 1 },
          { name: 'count_i', bits: countBits },
          { name: 'step_i', bits: 1 },
        ],
        outputs: [
          { name: 'can_step_o', bits: 1 },
          { name: 'slot_o', bits: rowBits },
          { name: 'column_o', bits: columnBits },
          { name: 'issue_o', bits: 1 },
          { name: 'off_map_o', bits: 1 },
          { name: 'token_o', bits: countBits },
          { name: 'word_number_o', bits: 2 },
          { name: 'base_o', bits: baseBits },
          { name: 'complete_o', bits: 1 },
        ],
        cycles: sequencerCycles(test, test.seed, 60),
      });
    },
  );
});
