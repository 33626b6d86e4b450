import { describe, expect, it } from 'vitest';
import { indexBits } from '../../../src/base/bits.ts';
import { seededRandom } from '../tail/random.ts';
import { expectCycles, type Cycle } from './cycle-bench.ts';

interface Case {
  readonly drainWidth: number;
  readonly readWidth: number;
  readonly sumDepth: number;
  readonly groups: number;
  readonly windows: number;
  readonly drainLatency: number;
  readonly coreLatency: number;
  /** Of a beat. */
  readonly drainCycles: number;
}

const cases: readonly Case[] = [
  // pooled
  { drainWidth: 4, readWidth: 1, sumDepth: 16, groups: 1, windows: 4, drainLatency: 1 },
  { drainWidth: 4, readWidth: 2, sumDepth: 5, groups: 3, windows: 6, drainLatency: 3 },
  { drainWidth: 3, readWidth: 3, sumDepth: 4, groups: 2, windows: 2, drainLatency: 2 },
  { drainWidth: 1, readWidth: 1, sumDepth: 1, groups: 1, windows: 3, drainLatency: 4 },
  // not pooled, but read more slowly than drained
  { drainWidth: 4, readWidth: 1, sumDepth: 3, groups: 1, windows: 1, drainLatency: 1 },
  { drainWidth: 2, readWidth: 1, sumDepth: 1, groups: 1, windows: 1, drainLatency: 2 },
  // straight to the tail
  { drainWidth: 2, readWidth: 2, sumDepth: 6, groups: 2, windows: 1, drainLatency: 3 },
  { drainWidth: 1, readWidth: 1, sumDepth: 1, groups: 1, windows: 1, drainLatency: 1 },
  { drainWidth: 1, readWidth: 1, sumDepth: 1, groups: 4, windows: 1, drainLatency: 5 },
  {
    drainWidth: 1,
    readWidth: 1,
    sumDepth: 6,
    groups: 2,
    windows: 1,
    drainLatency: 1,
    drainCycles: 5,
  },
  {
    drainWidth: 2,
    readWidth: 2,
    sumDepth: 1,
    groups: 1,
    windows: 1,
    drainLatency: 2,
    drainCycles: 17,
  },
  {
    drainWidth: 1,
    readWidth: 1,
    sumDepth: 3,
    groups: 1,
    windows: 1,
    drainLatency: 3,
    drainCycles: 2,
  },
].map((entry, index) => ({ drainCycles: 1, ...entry, coreLatency: [5, 6, 9][index % 3] ?? 5 }));

const sumBits = 12;

interface Window {
  readonly begin: number;
  /** Sums by beat and place. */
  readonly sums: readonly (readonly number[])[];
}

/** A vector that can be read: from `readable` on, in `order`. */
interface Vector {
  readonly readable: number;
  readonly values: readonly number[];
  start: number | null;
}

/** Cycles of drain_pool, as its header and that of vector_pool say. */
function drainCycles(test: Case, seed: number, windows: number): readonly Cycle[] {
  const random = seededRandom(seed);
  const { drainWidth, readWidth, groups, drainLatency, drainCycles: cyclesOfBeat } = test;
  const beats = test.sumDepth * groups;
  const parts = drainWidth / readWidth;
  const straight = test.windows === 1 && parts === 1;
  const busyCycles = beats * cyclesOfBeat;
  const credit = Math.max(0, busyCycles - 2 - test.coreLatency);
  // the beat in this cycle of a window's drain, -1 where there is none: it is in the last of its cycles
  const beatAt = (at: number): number =>
    at >= 0 && at < busyCycles && (at + 1) % cyclesOfBeat === 0 ? (at + 1) / cyclesOfBeat - 1 : -1;
  const begun: Window[] = [];
  const vectors: Vector[] = [];
  const cycles: Cycle[] = [];
  let ended = 0;
  let drained = 0;
  let endCycles: number[] = [];
  const total = windows * busyCycles * (parts + 1) * 8 + 2000;
  for (let cycle = 0; begun.length < windows || cycle < quietFrom(); cycle += 1) {
    if (cycle > total) throw new Error('no end');
    const busyPhase = cycle % 400 < 200;
    const tailReady = random.chance(busyPhase ? 0.95 : 0.2);
    const windowEnd =
      ended < windows && ended - drained < 2 && random.chance(cycle % 700 < 350 ? 1 : 0.1);
    const current = begun.at(-1);

    // the beat of the window being drained, and of the one whose sums arrive now
    const phase = current === undefined ? -1 : cycle - current.begin - 1;
    const beat = beatAt(phase);
    const draining = beat >= 0;
    const arriving = begun
      .map((window, index) => ({
        window,
        index,
        at: beatAt(cycle - window.begin - 1 - drainLatency),
      }))
      .find(({ at }) => at >= 0);

    // begin of the next window
    const free = current === undefined || cycle >= current.begin + busyCycles;
    const opens = begun.length % test.windows === 0;
    const openVectors =
      Math.ceil(begun.length / test.windows) -
      vectors.filter(({ start }) => start !== null && start + beats * parts < cycle).length;
    const room = straight ? tailReady : openVectors < 2;
    const begin = free && endCycles.length > 0 && (!opens || room);
    const isDrained = phase === credit;

    // read-out of vectors
    const reading = vectors.findLast(({ start }) => start !== null);
    const idle = reading === undefined || cycle > (reading.start ?? 0) + beats * parts;
    const waiting = vectors.find(({ start }) => start === null);
    const startsNow = !straight && idle && tailReady && (waiting?.readable ?? Infinity) <= cycle;
    if (waiting !== undefined && startsNow) waiting.start = cycle;
    const given = vectors
      .map(({ start, values }) => ({ at: start === null ? -1 : cycle - start - 2, values }))
      .find(({ at }) => at >= 0 && at < beats * parts);

    const sums = arriving?.window.sums[arriving.at];
    const read = given?.values.slice(given.at * readWidth, (given.at + 1) * readWidth);
    const valid = straight ? arriving !== undefined : given !== undefined;
    const last = straight ? arriving?.at === beats - 1 : given?.at === beats * parts - 1;
    cycles.push({
      inputs: { window_end_i: windowEnd ? 1 : 0, sum_i: sums, tail_ready_i: tailReady ? 1 : 0 },
      outputs: {
        drain_o: draining ? 1 : 0,
        drain_bank_o: draining ? (begun.length - 1) % 2 : undefined,
        drain_address_o: draining ? Math.floor(beat / groups) : undefined,
        drain_group_o: draining ? beat % groups : undefined,
        drained_o: isDrained ? 1 : 0,
        sum_valid_o: arriving === undefined ? 0 : 1,
        start_o: (straight ? begin : startsNow) ? 1 : 0,
        valid_o: valid ? 1 : 0,
        last_o: valid ? Number(last) : undefined,
        vector_o: valid ? (straight ? sums : read) : undefined,
      },
    });

    if (arriving?.at === 0 && arriving.index % test.windows === test.windows - 1) {
      const pooled = begun.slice(arriving.index - test.windows + 1, arriving.index + 1);
      const values = Array.from({ length: beats * drainWidth }, (_, at) =>
        Math.max(...pooled.map((window) => window.sums.flat()[at] ?? NaN)),
      );
      vectors.push({ readable: cycle + 1, values, start: null });
    }
    if (isDrained) drained += 1;
    if (begin) {
      endCycles = endCycles.slice(1);
      const half = 2 ** (sumBits - 1);
      const narrow = random.chance(0.3);
      begun.push({
        begin: cycle,
        sums: Array.from({ length: beats }, () =>
          Array.from({ length: drainWidth }, () =>
            narrow ? random.integer(-2, 1) : random.integer(-half, half - 1),
          ),
        ),
      });
    }
    if (windowEnd) {
      ended += 1;
      endCycles.push(cycle);
    }
  }
  return cycles;

  /** The cycle after which nothing more comes out. */
  function quietFrom(): number {
    const start = vectors.at(-1)?.start ?? null;
    const expected = straight ? 0 : Math.floor(windows / test.windows);
    if (!straight && (vectors.length < expected || start === null)) return Infinity;
    const lastBegin = begun.at(-1)?.begin ?? 0;
    return Math.max(lastBegin + busyCycles + drainLatency, (start ?? 0) + beats * parts) + 5;
  }
}

describe('drain_pool with vector_pool', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 1200 + index })))(
    'drains $drainWidth of $sumDepth x $groups, reads $readWidth, pools $windows, latencies $drainLatency and $coreLatency, $drainCycles cycles a beat, seed $seed',
    (test) => {
      const { drainWidth, readWidth, sumDepth, groups } = test;
      const cycles = drainCycles(test, test.seed, 12 * test.windows + 24);
      expect(cycles.filter(({ outputs }) => outputs['last_o'] === 1).length).toBeGreaterThan(12);
      expectCycles({
        module: 'drain_pool',
        parameters: {
          DrainWidth: drainWidth,
          ReadWidth: readWidth,
          SumBits: sumBits,
          SumDepth: sumDepth,
          SumAddressBits: indexBits(sumDepth),
          Groups: groups,
          GroupBits: indexBits(groups),
          Windows: test.windows,
          DrainLatency: test.drainLatency,
          DrainCycles: test.drainCycles,
          CoreLatency: test.coreLatency,
        },
        inputs: [
          { name: 'window_end_i', bits: 1 },
          { name: 'sum_i', bits: drainWidth * sumBits, parts: drainWidth },
          { name: 'tail_ready_i', bits: 1 },
        ],
        outputs: [
          { name: 'drain_o', bits: 1 },
          { name: 'drain_bank_o', bits: 1 },
          { name: 'drain_address_o', bits: indexBits(sumDepth) },
          { name: 'drain_group_o', bits: indexBits(groups) },
          { name: 'drained_o', bits: 1 },
          { name: 'sum_valid_o', bits: 1 },
          { name: 'start_o', bits: 1 },
          { name: 'valid_o', bits: 1 },
          { name: 'last_o', bits: 1 },
          { name: 'vector_o', bits: readWidth * sumBits, parts: readWidth },
        ],
        cycles,
      });
    },
  );
});
