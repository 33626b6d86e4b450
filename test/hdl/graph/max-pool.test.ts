import { describe, expect, it } from 'vitest';
import { ceilDivide, ceilLog2, indexBits } from '../../../src/base/bits.ts';
import type { StreamPlan, WindowPlan } from '../../../src/ir/plan.ts';
import {
  engineStarts,
  rowsNeeded,
  storeParameters,
  windowParameters,
} from '../../../src/plan/lower/engine-geometry.ts';
import { denseStream, tokenStream } from '../../../src/plan/streams/streams.ts';
import { wholeLanes } from '../../../src/plan/lower/check-choice.ts';
import { seededRandom, type Random } from '../tail/random.ts';
import { beatBits, readSites, siteBeats, type SiteStream } from './site-beats.ts';
import { runStreamBench } from './stream-bench.ts';

interface Case {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: number;
  readonly signed: boolean;
  readonly dense: boolean;
  /** Tokens (values) a beat of the input. */
  readonly perBeat: number;
  readonly lanes: number;
  readonly sets: number;
  readonly drainWidth: number;
  readonly values: number;
  /** Dense output of so many values a beat; 0: tokens. */
  readonly denseOut: number;
  readonly tailTokens: number;
  readonly stall: number;
}

const plain: Case = {
  channels: 8,
  height: 6,
  width: 6,
  kernel: [2, 2],
  stride: [2, 2],
  padding: 0,
  signed: false,
  dense: false,
  perBeat: 1,
  lanes: 4,
  sets: 4,
  drainWidth: 4,
  values: 1,
  denseOut: 0,
  tailTokens: 1,
  stall: 0,
};
const cases: readonly Case[] = [
  plain,
  // the pool behind the first convolution of many networks: overlapping and padded
  { ...plain, kernel: [3, 3], padding: 1, lanes: 9, perBeat: 2, tailTokens: 4, stall: 0.3 },
  { ...plain, kernel: [3, 2], stride: [1, 2], channels: 5, lanes: 2, sets: 2, drainWidth: 1 },
  {
    ...plain,
    kernel: [1, 3],
    stride: [1, 1],
    height: 1,
    width: 9,
    padding: 0,
    lanes: 1,
    stall: 0.5,
  },
  // signed values come and leave dense; a padded position takes no part
  {
    ...plain,
    signed: true,
    dense: true,
    perBeat: 4,
    kernel: [3, 3],
    padding: 1,
    lanes: 3,
    denseOut: 4,
  },
  {
    ...plain,
    signed: true,
    dense: true,
    channels: 12,
    perBeat: 4,
    values: 4,
    kernel: [3, 3],
    stride: [1, 1],
    padding: 1,
    lanes: 5,
    sets: 4,
    denseOut: 4,
    tailTokens: 4,
    stall: 0.2,
  },
  {
    ...plain,
    signed: true,
    dense: true,
    perBeat: 2,
    values: 2,
    sets: 8,
    drainWidth: 2,
    denseOut: 2,
  },
];

function outputSize(size: number, kernel: number, stride: number, padding: number): number {
  return Math.floor((size + 2 * padding - kernel) / stride) + 1;
}

/** A feature map by site, half of its values 0, and so many of its sites empty. */
function randomMap(test: Case, random: Random): number[][] {
  const low = test.signed ? -128 : 0;
  return Array.from({ length: test.height * test.width }, () => {
    // with signs: sites below 0 only, so that an off-map 0 would show
    const high = test.signed && random.chance(0.5) ? -1 : low + 255;
    const density = test.dense ? 1 : random.integer(0, 4) / 4;
    return Array.from({ length: test.channels }, () =>
      random.chance(density) ? random.integer(low, high) : 0,
    );
  });
}

function pooled(test: Case, map: readonly (readonly number[])[]): number[][] {
  const [kernelHeight, kernelWidth] = test.kernel;
  const [strideY, strideX] = test.stride;
  const rows = outputSize(test.height, kernelHeight, strideY, test.padding);
  const columns = outputSize(test.width, kernelWidth, strideX, test.padding);
  const sites: number[][] = [];
  for (let y = 0; y < rows; y += 1) {
    for (let x = 0; x < columns; x += 1) {
      const largest = new Array<number>(test.channels).fill(-Infinity);
      for (let r = 0; r < kernelHeight; r += 1) {
        for (let c = 0; c < kernelWidth; c += 1) {
          const row = y * strideY + r - test.padding;
          const column = x * strideX + c - test.padding;
          if (row < 0 || row >= test.height || column < 0 || column >= test.width) continue;
          map[row * test.width + column]?.forEach((value, channel) => {
            largest[channel] = Math.max(largest[channel] ?? value, value);
          });
        }
      }
      sites.push(largest);
    }
  }
  return sites;
}

function parametersOf(test: Case, window: WindowPlan, input: StreamPlan): Record<string, number> {
  const positions = test.kernel[0] * test.kernel[1];
  const steps = test.dense ? ceilDivide(test.channels, test.values) : test.channels;
  const fixedCount = test.dense ? steps : 0;
  const sumDepth = ceilDivide(test.channels, test.sets);
  const lanePositions = ceilDivide(positions, test.lanes);
  const countBits = Math.max(input.countBits, ceilLog2(input.maximumTokens + 1));
  const outTokens = test.denseOut > 0 ? test.denseOut : test.tailTokens;
  expect(wholeLanes(positions, test.lanes)).toBe(test.lanes);
  return {
    ...storeParameters(window, input, { rowsInStore: rowsNeeded(window, 1), ultraStore: false }),
    ...windowParameters(window, 1, rowsNeeded(window, 1)),
    Core: 2,
    CountBits: countBits,
    FixedCount: fixedCount,
    Lanes: test.lanes,
    LanePositions: lanePositions,
    PositionBits: ceilLog2(lanePositions + 1),
    Values: test.values,
    Words: 1,
    PositionStride: 0,
    WordStride: 0,
    Sets: test.sets,
    BaseBits: countBits,
    SumBits: 8,
    SumDepth: sumDepth,
    SumAddressBits: indexBits(sumDepth),
    DrainWidth: test.drainWidth,
    GroupBits: indexBits(test.sets / test.drainWidth),
    ReadWidth: test.drainWidth,
    OutChannels: test.channels,
    OutChannelBits: indexBits(test.channels),
    OutBits: 8,
    OutSigned: Number(test.signed),
    Tail: 4,
    TailTokens: test.tailTokens,
    DenseWidth: test.denseOut,
    OutTokens: outTokens,
    OutTokenBits: 8 + (test.denseOut > 0 ? 0 : indexBits(test.channels)),
    OutCountBits: ceilLog2(outTokens + 1),
  };
}

describe('window_engine with max_lane', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 1600 + index })))(
    'kernel $kernel, stride $stride, padding $padding, $lanes lanes, dense $dense, seed $seed',
    (test) => {
      const random = seededRandom(test.seed);
      const maps = Array.from({ length: 4 }, () => randomMap(test, random));
      const shape = { channels: test.channels, height: test.height, width: test.width };
      const format = { bits: 8, signed: test.signed, scale: 1 };
      const input = test.dense
        ? denseStream(shape, format, test.perBeat)
        : tokenStream(shape, format, test.perBeat, test.channels);
      const kernel = { height: test.kernel[0], width: test.kernel[1] };
      const stride = { height: test.stride[0], width: test.stride[1] };
      const output = {
        height: outputSize(test.height, kernel.height, stride.height, test.padding),
        width: outputSize(test.width, kernel.width, stride.width, test.padding),
      };
      const window: WindowPlan = {
        input: shape,
        kernel,
        dilation: { height: 1, width: 1 },
        stride,
        padTop: test.padding,
        padLeft: test.padding,
        pool: { height: 1, width: 1 },
        poolStride: { height: 1, width: 1 },
        output,
        windows: output,
      };
      const inStream: SiteStream = {
        channels: test.channels,
        channelBits: indexBits(test.channels),
        valueBits: 8,
        signed: test.signed,
        dense: test.dense,
        perBeat: test.perBeat,
      };
      const out: SiteStream = {
        ...inStream,
        dense: test.denseOut > 0,
        perBeat: test.denseOut > 0 ? test.denseOut : test.tailTokens,
      };
      const [start] = engineStarts(window, 1);
      const parameters = parametersOf(test, window, input);
      const inCount = input.countBits;
      const outCount = ceilLog2(out.perBeat + 1);
      const expected = maps.flatMap((map) => pooled(test, map));
      const result = runStreamBench({
        module: 'window_engine',
        parameters,
        inputs: [
          {
            bits: beatBits(inStream),
            beats: siteBeats(maps.flat(), inStream, 1, random).flat(),
          },
        ],
        outputBits: beatBits(out),
        connections: {
          start_top_i: `${parameters['LeadBits']}'d${2 ** (parameters['LeadBits'] ?? 0) + (start?.top ?? 0)}`,
          start_left_i: `${parameters['XBits']}'d${2 ** (parameters['XBits'] ?? 0) + (start?.left ?? 0)}`,
          in_valid_i: 'valid0',
          in_ready_o: 'ready0',
          in_last_i: 'last0',
          in_count_i: `word0[${inCount - 1}:0]`,
          in_data_i: `word0[${beatBits(inStream) - 1}:${inCount}]`,
          out_valid_o: 'valid',
          out_ready_i: 'ready',
          out_last_o: 'last',
          out_count_o: `word[${outCount - 1}:0]`,
          out_data_o: `word[${beatBits(out) - 1}:${outCount}]`,
        },
        ready: Array.from({ length: 997 }, () => !random.chance(test.stall)),
        sites: expected.length,
      });
      expect(readSites(result.outputs, out).map(({ values }) => values)).toEqual(expected);
    },
  );
});
