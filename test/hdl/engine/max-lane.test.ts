import { describe, expect, it } from 'vitest';
import { ceilDivide, ceilLog2, indexBits } from '../../../src/base/bits.ts';
import { seededRandom, type Random } from '../tail/random.ts';
import { expectCycles, type Cycle, type Values } from './cycle-bench.ts';
import { randomPhases } from './phases.ts';

interface Case {
  readonly channels: number;
  readonly tokens: number;
  readonly dense: boolean;
  readonly values: number;
  readonly bits: number;
  readonly isSigned: boolean;
  readonly sets: number;
  readonly drainWidth: number;
}

const plain = { tokens: 1, dense: false, values: 1, bits: 8, isSigned: false };
const cases: readonly Case[] = [
  { ...plain, channels: 16, sets: 4, drainWidth: 4 },
  { ...plain, channels: 13, tokens: 4, sets: 4, drainWidth: 1 },
  { ...plain, channels: 3, sets: 1, drainWidth: 1 },
  { ...plain, channels: 5, tokens: 2, sets: 8, drainWidth: 2, bits: 9 },
  { ...plain, channels: 16, tokens: 8, dense: true, sets: 4, drainWidth: 2, isSigned: true },
  {
    ...plain,
    channels: 24,
    tokens: 8,
    dense: true,
    values: 4,
    sets: 8,
    drainWidth: 4,
    isSigned: true,
  },
  { ...plain, channels: 6, tokens: 2, dense: true, values: 2, sets: 2, drainWidth: 1, bits: 4 },
];

const latency = 4;

/** Ports in the cycle of an issue and the one after; `keep` gets the values by channel. */
function issueStep(
  test: Case,
  random: Random,
  keep: (channel: number, value: number) => void,
): readonly [Values, Values] {
  const { channels, tokens, dense, values, bits, isSigned } = test;
  const low = isSigned ? -(2 ** (bits - 1)) : 0;
  const high = isSigned ? -low - 1 : 2 ** bits - 1;
  const value = (): number =>
    random.chance(0.2) ? (random.chance(0.5) ? low : high) : random.integer(low, high);
  const sub = random.integer(0, tokens / values - 1) * values;
  const steps = dense ? ceilDivide(channels, values) : channels;
  const number = random.integer(0, steps - 1);
  const mask = 2 ** bits - 1;
  const word = Array.from({ length: tokens }, (_, t) => {
    const mine = t >= sub && t < sub + values;
    const x = value();
    const channel = dense ? number * values + t - sub : number;
    if (mine && channel < channels) keep(channel, x);
    const other = random.integer(0, channels - 1);
    return dense ? x : (mine ? channel : other) * 2 ** bits + (x & mask);
  });
  return [{ sub_i: sub, index_i: dense ? number : undefined }, { word_i: word }];
}

function laneCycles(test: Case, random: Random): readonly Cycle[] {
  const { channels, sets, drainWidth, bits, isSigned } = test;
  const groups = sets / drainWidth;
  const depth = ceilDivide(channels, sets);
  const beats = depth * groups;
  const lowest = isSigned ? -(2 ** (bits - 1)) : 0;
  const phases = randomPhases(random, { count: 40, latency, beats });
  const length = (phases.at(-1)?.drain ?? 0) + beats + 2;
  const inputs = Array.from({ length }, (): Record<string, Values[string]> => ({
    issue_i: 0,
    drain_i: 0,
  }));
  const outputs = Array.from({ length }, (): Record<string, Values[string]> => ({}));
  for (const phase of phases) {
    const largest = new Array<number>(channels).fill(lowest);
    for (const cycle of phase.issues) {
      const [now, next] = issueStep(test, random, (channel, value) => {
        largest[channel] = Math.max(largest[channel] ?? lowest, value);
      });
      Object.assign(inputs[cycle] ?? {}, now, { issue_i: 1, bank_i: phase.bank });
      Object.assign(inputs[cycle + 1] ?? {}, next);
    }
    for (let beat = 0; beat < beats; beat += 1) {
      const address = Math.floor(beat / groups);
      const group = beat % groups;
      Object.assign(inputs[phase.drain + beat] ?? {}, {
        drain_i: 1,
        drain_bank_i: phase.bank,
        drain_address_i: address,
        drain_group_i: group,
      });
      const first = address * sets + group * drainWidth;
      // cells beyond the last channel are not read by anyone
      if (first + drainWidth > channels && test.dense) continue;
      Object.assign(outputs[phase.drain + beat + 1] ?? {}, {
        maximum_o: Array.from({ length: drainWidth }, (_, slot) => largest[first + slot] ?? lowest),
      });
    }
  }
  return inputs.map((values, cycle) => ({ inputs: values, outputs: outputs[cycle] ?? {} }));
}

describe('max_lane', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 1500 + index })))(
    '$channels channels in $sets sets drained by $drainWidth, dense $dense, $values values, seed $seed',
    (test) => {
      const { channels, tokens, dense, values, bits, isSigned, sets, drainWidth } = test;
      const tokenBits = bits + (dense ? 0 : indexBits(channels));
      const depth = ceilDivide(channels, sets);
      const addressBits = indexBits(depth);
      const groupBits = indexBits(sets / drainWidth);
      const stepBits = indexBits(dense ? ceilDivide(channels, values) : channels);
      expectCycles({
        module: 'max_lane',
        parameters: {
          Tokens: tokens,
          TokenBits: tokenBits,
          ChannelBits: indexBits(channels),
          IndexBits: stepBits,
          Dense: Number(dense),
          Values: values,
          ValueBits: bits,
          ValueSigned: Number(isSigned),
          SubBits: indexBits(tokens),
          Sets: sets,
          DrainWidth: drainWidth,
          GroupBits: groupBits,
          SumAddressBits: addressBits,
          SumDepth: depth,
        },
        inputs: [
          { name: 'issue_i', bits: 1 },
          { name: 'bank_i', bits: 1 },
          { name: 'sub_i', bits: indexBits(tokens) },
          { name: 'index_i', bits: stepBits },
          { name: 'word_i', bits: tokens * tokenBits, parts: tokens },
          { name: 'drain_i', bits: 1 },
          { name: 'drain_bank_i', bits: 1 },
          { name: 'drain_address_i', bits: addressBits },
          { name: 'drain_group_i', bits: groupBits },
        ],
        outputs: [{ name: 'maximum_o', bits: drainWidth * bits, parts: drainWidth }],
        resetInputs: { issue_i: 0, drain_i: 0 },
        cycles: laneCycles(test, seededRandom(test.seed)),
      });
    },
  );
});

describe('maximum_tree', () => {
  it.each([1, 2, 3, 5, 9].flatMap((terms) => [0, 1].map((sign) => ({ terms, sign }))))(
    '$terms terms, signed $sign',
    ({ terms, sign }) => {
      const random = seededRandom(1550 + terms);
      const levels = ceilLog2(terms);
      const low = sign === 1 ? -32 : 0;
      const rows = Array.from({ length: 60 }, () =>
        Array.from({ length: terms }, () => random.integer(low, low + 63)),
      );
      expect(rows.length).toBeGreaterThan(levels);
      expectCycles({
        module: 'maximum_tree',
        parameters: { Terms: terms, TermBits: 6, Signed: sign },
        inputs: [{ name: 'terms_i', bits: 6 * terms, parts: terms }],
        outputs: [{ name: 'maximum_o', bits: 6 }],
        noReset: true,
        cycles: rows.map((row, cycle) => {
          const seen = rows[cycle - levels];
          return {
            inputs: { terms_i: terms === 1 ? (row[0] ?? 0) : row },
            outputs: { maximum_o: seen === undefined ? undefined : Math.max(...seen) },
          };
        }),
      });
    },
  );
});
