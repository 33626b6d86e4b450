import { describe, expect, it } from 'vitest';
import { signedBits } from '../../../src/base/bits.ts';
import { seededRandom } from '../tail/random.ts';
import { expectCycles, type Cycle } from './cycle-bench.ts';

interface Case {
  readonly engines: number;
  readonly engine: number;
  readonly inHeight: number;
  /** Groups of a feature map. */
  readonly rows: number;
  readonly columns: number;
  readonly stride: number;
  readonly pool: readonly [number, number];
  readonly padding: number;
  /** Windows between two groups, as rows and columns; the pool itself where absent. */
  readonly poolStride?: readonly [number, number];
}

const plain = { stride: 1, pool: [1, 1], padding: 0 } as const;
const cases: readonly Case[] = [
  { ...plain, engines: 1, engine: 0, inHeight: 8, rows: 6, columns: 6 },
  { ...plain, engines: 3, engine: 2, inHeight: 6, rows: 6, columns: 4, padding: 1 },
  // more engines than a row has groups, and as many as there are groups
  { ...plain, engines: 5, engine: 4, inHeight: 5, rows: 3, columns: 3 },
  { ...plain, engines: 7, engine: 6, inHeight: 9, rows: 4, columns: 2, stride: 2 },
  { ...plain, engines: 9, engine: 5, inHeight: 5, rows: 3, columns: 3 },
  { ...plain, engines: 8, engine: 0, inHeight: 5, rows: 3, columns: 3 },
  // pooling, strides beyond the kernel, rows at the bottom that no window reaches
  { engines: 1, engine: 0, inHeight: 10, rows: 2, columns: 3, stride: 2, pool: [2, 2], padding: 0 },
  { engines: 4, engine: 3, inHeight: 8, rows: 3, columns: 3, stride: 1, pool: [2, 3], padding: 2 },
  { engines: 2, engine: 1, inHeight: 7, rows: 1, columns: 5, stride: 1, pool: [3, 1], padding: 1 },
  // groups that overlap, and groups with windows between them that nothing needs
  {
    engines: 1,
    engine: 0,
    inHeight: 9,
    rows: 4,
    columns: 3,
    stride: 1,
    pool: [3, 3],
    padding: 1,
    poolStride: [2, 2],
  },
  {
    engines: 3,
    engine: 2,
    inHeight: 8,
    rows: 3,
    columns: 5,
    stride: 2,
    pool: [2, 2],
    padding: 1,
    poolStride: [1, 1],
  },
  {
    engines: 2,
    engine: 0,
    inHeight: 9,
    rows: 3,
    columns: 2,
    stride: 1,
    pool: [2, 2],
    padding: 0,
    poolStride: [3, 4],
  },
  // one window is the whole map
  { ...plain, engines: 1, engine: 0, inHeight: 3, rows: 1, columns: 1 },
  { ...plain, engines: 1, engine: 0, inHeight: 1, rows: 1, columns: 4, padding: 1 },
];

/** Rows and columns between two groups. */
function groupSteps(test: Case): readonly [number, number] {
  const [rows, columns] = test.poolStride ?? test.pool;
  return [rows * test.stride, columns * test.stride];
}

/** Cycles of an engine over several inferences, as the header of window_control says. */
function controlCycles(test: Case, seed: number, groups: number): readonly Cycle[] {
  const random = seededRandom(seed);
  const { engines, rows, columns, stride, padding, inHeight } = test;
  const [poolHeight, poolWidth] = test.pool;
  const [groupRows, groupColumns] = groupSteps(test);
  const place = (index: number): { top: number; left: number; rowsBefore: number } => {
    const group = test.engine + index * engines;
    const within = group % (rows * columns);
    return {
      top: Math.floor(within / columns) * groupRows - padding,
      left: (within % columns) * groupColumns - padding,
      rowsBefore: Math.floor(group / (rows * columns)) * inHeight,
    };
  };
  const firstRow = (index: number): number => {
    if (index < 0) return 0;
    const { top, rowsBefore } = place(index);
    return rowsBefore + Math.max(0, top);
  };
  const cycles: Cycle[] = [];
  const windows = poolHeight * poolWidth;
  const rowOf = (index: number): number => place(index).rowsBefore + place(index).top;
  let active = false;
  let complete = false;
  let left = 0; // cycles until the lanes are complete
  let loads = 0;
  let ended = 0;
  let drained = 0;
  // the window to be loaded: the cycle in which its group was told, and it
  let groupKnown = 1;
  let toldFrom = 2;
  let release: number | undefined;
  while (loads < (groups + 1) * windows) {
    const cycle = cycles.length;
    complete ||= active && left === 0;
    const group = Math.floor(loads / windows);
    const window = loads % windows;
    const told = cycle >= toldFrom;
    const room = loads - drained < 2;
    const load = room && cycle > toldFrom && (!active || complete);
    const drain = drained < ended && random.chance(cycle % 1000 < 500 ? 0.9 : 0.15);
    const [down, right] = [Math.floor(window / poolWidth) * stride, (window % poolWidth) * stride];
    cycles.push({
      inputs: {
        start_top_i: place(0).top,
        start_left_i: place(0).left,
        // the lanes that are done, all of them or not
        lanes_complete_i: complete || !active ? 7 : random.integer(0, 6),
        drained_i: drain ? 1 : 0,
      },
      outputs: {
        load_o: load ? 1 : 0,
        active_o: active ? 1 : 0,
        window_end_o: active && complete ? 1 : 0,
        blocked_o: !active && !room ? 1 : 0,
        bank_o: loads === 0 ? undefined : (loads - 1) % 2,
        valid_o: told ? 1 : 0,
        row_o: told ? rowOf(group) + down : undefined,
        y_o: told ? place(group).top + down : undefined,
        column_o: told ? place(group).left + right : undefined,
        release_o: release === undefined ? 0 : 1,
        release_rows_o: release,
        release_less_o: release === undefined ? undefined : release - 1,
      },
    });
    if (active && complete) ended += 1;
    if (active && complete) active = false;
    if (drain) drained += 1;
    if (active && left > 0) left -= 1;
    release = load && window === 0 ? firstRow(group) - firstRow(group - 1) : undefined;
    if (load) {
      active = true;
      complete = false;
      left = random.chance(0.3) ? 0 : random.integer(0, 12);
      loads += 1;
      if (window === windows - 1) {
        groupKnown = Math.max(cycle, groupKnown + 5);
        toldFrom = groupKnown + 1;
      } else {
        toldFrom = cycle + 1;
      }
    }
    if (cycle > 20_000) throw new Error('no end');
  }
  return cycles;
}

describe('window_control', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 1100 + index })))(
    'engine $engine of $engines, $rows x $columns groups of $pool, pool stride $poolStride, stride $stride, padding $padding, seed $seed',
    (test) => {
      const { engines, rows, columns, stride, padding } = test;
      const [poolHeight, poolWidth] = test.pool;
      expect(engines).toBeLessThanOrEqual(rows * columns);
      const [groupRows, groupColumns] = groupSteps(test);
      const spanRows = rows * groupRows;
      const spanColumns = columns * groupColumns;
      const stepColumns = (engines % columns) * groupColumns;
      const rightEnd = spanColumns - padding;
      // as narrow as the header allows
      const lastCorner = rightEnd - groupColumns + (poolWidth - 1) * stride;
      const xBits = signedBits(-padding, Math.max(rightEnd + stepColumns, lastCorner));
      const leadBits = signedBits(-padding, 2 * spanRows + test.inHeight);
      expectCycles({
        module: 'window_control',
        parameters: {
          Lanes: 3,
          InHeight: test.inHeight,
          StrideY: stride,
          StrideX: stride,
          PoolHeight: poolHeight,
          PoolWidth: poolWidth,
          GroupRows: groupRows,
          StepRows: Math.floor(engines / columns) * groupRows,
          StepColumns: stepColumns,
          RightEnd: rightEnd,
          BottomEnd: spanRows - padding,
          SpanRows: spanRows,
          SpanColumns: spanColumns,
          LeadBits: leadBits,
          XBits: xBits,
        },
        inputs: [
          { name: 'start_top_i', bits: leadBits },
          { name: 'start_left_i', bits: xBits },
          { name: 'lanes_complete_i', bits: 3 },
          { name: 'drained_i', bits: 1 },
        ],
        outputs: [
          { name: 'load_o', bits: 1 },
          { name: 'active_o', bits: 1 },
          { name: 'window_end_o', bits: 1 },
          { name: 'blocked_o', bits: 1 },
          { name: 'bank_o', bits: 1 },
          { name: 'valid_o', bits: 1 },
          { name: 'row_o', bits: leadBits },
          { name: 'y_o', bits: leadBits },
          { name: 'column_o', bits: xBits },
          { name: 'release_o', bits: 1 },
          { name: 'release_rows_o', bits: leadBits },
          { name: 'release_less_o', bits: leadBits },
        ],
        resetInputs: {
          start_top_i: Math.floor(test.engine / columns) * groupRows - padding,
          start_left_i: (test.engine % columns) * groupColumns - padding,
          lanes_complete_i: 7,
          drained_i: 0,
        },
        cycles: controlCycles(test, test.seed, 4 * rows * columns),
      });
    },
  );
});
