import { describe, expect, it } from 'vitest';
import { ceilLog2, indexBits } from '../../../src/base/bits.ts';
import { seededRandom } from '../tail/random.ts';
import { expectCycles, type Cycle } from './cycle-bench.ts';

interface Case {
  readonly kernel: readonly [number, number];
  readonly dilation: readonly [number, number];
  /** First kernel position of the lane, those it has, and those of the lane with most. */
  readonly first: number;
  readonly positions: number;
  readonly lanePositions: number;
  readonly groups: number;
  readonly words: number;
}

const cases: readonly Case[] = [
  {
    kernel: [3, 2],
    dilation: [1, 1],
    first: 0,
    positions: 6,
    lanePositions: 6,
    groups: 2,
    words: 3,
  },
  {
    kernel: [3, 3],
    dilation: [1, 2],
    first: 6,
    positions: 3,
    lanePositions: 3,
    groups: 1,
    words: 2,
  },
  // the last lane, with fewer positions than the others
  {
    kernel: [2, 4],
    dilation: [2, 1],
    first: 6,
    positions: 2,
    lanePositions: 3,
    groups: 3,
    words: 1,
  },
  {
    kernel: [1, 1],
    dilation: [1, 1],
    first: 0,
    positions: 1,
    lanePositions: 1,
    groups: 1,
    words: 1,
  },
];

const rowBits = 3;
const leadBits = 6;
const width = 9;

/** Windows at random places; words come and rows are written at random. */
function followerCycles(test: Case, seed: number, windows: number): readonly Cycle[] {
  const random = seededRandom(seed);
  const [height, kernelWidth] = test.kernel;
  const [dilationY, dilationX] = test.dilation;
  const period = test.lanePositions * test.groups * test.words;
  const below = (height - 1) * dilationY;
  const right = (kernelWidth - 1) * dilationX;
  const cycles: Cycle[] = [];
  let next = 0; // of a period, the word that comes next
  let steps: number | null = null; // of the window, null: none
  let [top, left, lead, written] = [0, 0, 0, 0];
  let loaded = 0;
  while (loaded < windows || steps !== null) {
    const rows = lead - (top + below);
    const ready: boolean = steps !== null && (rows > 0 || (rows === 0 && left + right < written));
    const word = random.chance(0.6);
    // an engine that has begun is ready until its window ends
    const step: boolean = ready && (steps !== 0 || random.chance(0.3));
    const stepped: boolean = step && word;
    const last: boolean = stepped && steps === period - 1;
    const load = (steps === null || last) && loaded < windows && random.chance(0.5);
    const place = { row: random.integer(0, 2), column: random.integer(0, width - 1 - right) };
    const fold = next % test.words;
    const group = Math.floor(next / test.words) % test.groups;
    const local = Math.floor(next / (test.words * test.groups));
    const at = test.first + local;
    const inside = local < test.positions;
    const row = top + Math.floor(at / kernelWidth) * dilationY;
    const column = left + (at % kernelWidth) * dilationX;
    cycles.push({
      inputs: {
        word_i: word ? 1 : 0,
        load_i: load ? 1 : 0,
        window_row_i: load ? place.row : undefined,
        window_column_i: load ? place.column : undefined,
        start_row_i: Math.floor(test.first / kernelWidth),
        start_column_i: test.first % kernelWidth,
        positions_i: test.positions,
        rows_i: lead,
        written_i: written,
        step_i: step ? 1 : 0,
      },
      outputs: {
        ready_o: steps === null && cycles.length === 0 ? undefined : Number(ready),
        issue_o: Number(stepped && inside),
        off_map_o: Number(!inside),
        token_o: group,
        word_number_o: fold,
        active_o: Number(steps !== null),
        complete_o: Number(steps === null || last),
        slot_o: steps !== null && inside ? row % 2 ** rowBits : undefined,
        column_o: steps !== null && inside ? column : undefined,
      },
    });
    if (word) next = (next + 1) % period;
    if (stepped && steps !== null) steps = last ? null : steps + 1;
    if (load) {
      loaded += 1;
      steps = 0;
      [top, left] = [place.row, place.column];
      [lead, written] = [random.integer(0, 3), random.integer(0, width - 1)];
    } else if (lead < 10 && random.chance(0.3)) {
      written += 1;
      if (written === width) [lead, written] = [lead + 1, 0];
    }
  }
  return cycles;
}

describe('weight_follower', () => {
  it.each(cases.map((test, index) => ({ ...test, seed: 880 + index })))(
    'kernel $kernel, positions $first and $positions more, seed $seed',
    (test) => {
      const cycles = followerCycles(test, test.seed, 12);
      const steps = cycles.filter(({ outputs }) => outputs['issue_o'] === 1).length;
      expect(steps).toBe(12 * test.positions * test.groups * test.words);
      const columnBits = ceilLog2(width);
      const positionBits = ceilLog2(test.lanePositions + 1);
      const countBits = ceilLog2(test.groups + 1);
      const wordBits = indexBits(test.words);
      expectCycles({
        module: 'weight_follower',
        parameters: {
          RowBits: rowBits,
          ColumnBits: columnBits,
          XBits: columnBits + 2,
          LeadBits: leadBits,
          KernelHeight: test.kernel[0],
          KernelWidth: test.kernel[1],
          DilationY: test.dilation[0],
          DilationX: test.dilation[1],
          LanePositions: test.lanePositions,
          PositionBits: positionBits,
          CountBits: countBits,
          Groups: test.groups,
          Words: test.words,
          WordNumberBits: wordBits,
        },
        inputs: [
          { name: 'word_i', bits: 1 },
          { name: 'load_i', bits: 1 },
          { name: 'window_row_i', bits: leadBits },
          { name: 'window_column_i', bits: columnBits + 2 },
          { name: 'start_row_i', bits: leadBits },
          { name: 'start_column_i', bits: columnBits + 2 },
          { name: 'positions_i', bits: positionBits },
          { name: 'rows_i', bits: leadBits },
          { name: 'written_i', bits: columnBits + 1 },
          { name: 'step_i', bits: 1 },
        ],
        outputs: [
          { name: 'ready_o', bits: 1 },
          { name: 'slot_o', bits: rowBits },
          { name: 'column_o', bits: columnBits },
          { name: 'issue_o', bits: 1 },
          { name: 'off_map_o', bits: 1 },
          { name: 'token_o', bits: countBits },
          { name: 'word_number_o', bits: wordBits },
          { name: 'active_o', bits: 1 },
          { name: 'complete_o', bits: 1 },
        ],
        resetInputs: {
          start_row_i: Math.floor(test.first / test.kernel[1]),
          start_column_i: test.first % test.kernel[1],
          word_i: 0,
          load_i: 0,
          step_i: 0,
        },
        cycles,
      });
    },
  );
});
