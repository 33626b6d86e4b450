import { describe, expect, it } from 'vitest';
import { ceilLog2, indexBits } from '../../../src/base/bits.ts';
import { memoryText, packFields } from '../tail/bits.ts';
import { seededRandom, type Random } from '../tail/random.ts';
import { expectCycles, type Cycle, type Values } from './cycle-bench.ts';
import { randomPhases } from './phases.ts';

interface ValueFormat {
  readonly bits: number;
  readonly isSigned: boolean;
}

function randomValue(random: Random, { bits, isSigned }: ValueFormat): number {
  const low = isSigned ? -(2 ** (bits - 1)) : 0;
  const high = 2 ** (isSigned ? bits - 1 : bits) - 1;
  if (random.chance(0.2)) return random.chance(0.5) ? low : high;
  return random.integer(low, high);
}

function randomWeight(random: Random, bits: number): number {
  const high = 2 ** (bits - 1) - 1;
  if (random.chance(0.2)) return random.chance(0.5) ? -high : high;
  return random.integer(-high, high);
}

/** Sums by [bank][set][address], all zero. */
class Sums {
  private readonly values = new Map<string, number>();

  add(bank: number, set: number, address: number, product: number): void {
    const key = `${bank} ${set} ${address}`;
    this.values.set(key, (this.values.get(key) ?? 0) + product);
  }

  take(bank: number, set: number, address: number): number {
    const key = `${bank} ${set} ${address}`;
    const value = this.values.get(key) ?? 0;
    this.values.delete(key);
    return value;
  }
}

/** Issue cycles filled in by a core's model, and the drain cycles that follow from them. */
interface Schedule {
  readonly random: Random;
  readonly latency: number;
  readonly addresses: number;
  readonly groups: number;
  readonly drainWidth: number;
  /** Ports in the cycle of an issue and in the one after; adds the products to `sums`. */
  readonly issue: (bank: number, sums: Sums) => readonly [Values, Values];
}

function coreCycles(schedule: Schedule): readonly Cycle[] {
  const { addresses, groups, drainWidth } = schedule;
  const beats = addresses * groups;
  const phases = randomPhases(schedule.random, { count: 30, latency: schedule.latency, beats });
  const length = (phases.at(-1)?.drain ?? 0) + beats + 2;
  const inputs = Array.from({ length }, (): Record<string, Values[string]> => ({
    issue_i: 0,
    drain_i: 0,
  }));
  const outputs = Array.from({ length }, (): Record<string, Values[string]> => ({}));
  for (const phase of phases) {
    const sums = new Sums();
    for (const cycle of phase.issues) {
      const [now, next] = schedule.issue(phase.bank, sums);
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
      Object.assign(outputs[phase.drain + beat + 1] ?? {}, {
        sum_o: Array.from({ length: drainWidth }, (_, slot) =>
          sums.take(phase.bank, group * drainWidth + slot, address),
        ),
      });
    }
  }
  return inputs.map((values, cycle) => ({ inputs: values, outputs: outputs[cycle] ?? {} }));
}

interface SparseCase {
  readonly tokens: number;
  readonly dense: boolean;
  readonly value: ValueFormat;
  readonly weightBits: number;
  readonly sets: number;
  readonly drainWidth: number;
  readonly sumDepth: number;
}

const byte = { bits: 8, isSigned: false };
const signedByte = { bits: 8, isSigned: true };
const sparseCases: readonly (SparseCase & { readonly pair: number; readonly block: boolean })[] = (
  [
    { tokens: 1, dense: false, value: byte, weightBits: 8, sets: 4, drainWidth: 4, sumDepth: 16 },
    {
      tokens: 4,
      dense: false,
      value: signedByte,
      weightBits: 8,
      sets: 6,
      drainWidth: 2,
      sumDepth: 5,
    },
    { tokens: 2, dense: false, value: byte, weightBits: 4, sets: 1, drainWidth: 1, sumDepth: 1 },
    { tokens: 8, dense: true, value: byte, weightBits: 8, sets: 3, drainWidth: 1, sumDepth: 3 },
    {
      tokens: 1,
      dense: true,
      value: { bits: 3, isSigned: true },
      weightBits: 2,
      sets: 4,
      drainWidth: 2,
      sumDepth: 7,
    },
  ] satisfies SparseCase[]
).flatMap((entry, index) =>
  [0, 1].map((pair) => ({ ...entry, pair, block: (index + pair) % 2 === 1 })),
);

describe('sparse_lane', () => {
  it.each(sparseCases.map((entry, index) => ({ ...entry, seed: 1300 + index })))(
    '$tokens tokens a word, dense $dense, $sets sets drained by $drainWidth, $sumDepth sums, pairs $pair, seed $seed',
    (test) => {
      const { tokens, dense, value, weightBits, sets, drainWidth, sumDepth } = test;
      const random = seededRandom(test.seed);
      const weightDepth = random.integer(20, 60);
      const baseBits = indexBits(weightDepth);
      const channels = 16;
      const channelBits = dense ? 0 : 4;
      const indexBitsOfToken = 4;
      const tokenBits = channelBits + value.bits;
      const addressBits = indexBits(sumDepth);
      const sumBits = weightBits + value.bits + 8;
      const subBits = indexBits(tokens);
      const words = Array.from({ length: weightDepth }, () =>
        Array.from({ length: sets }, () => ({
          weight: randomWeight(random, weightBits),
          address: random.integer(0, sumDepth - 1),
        })),
      );
      const cycles = coreCycles({
        random,
        latency: 6,
        addresses: sumDepth,
        groups: sets / drainWidth,
        drainWidth,
        issue: (bank, sums) => {
          const channel = random.integer(0, channels - 1);
          const base = random.integer(0, weightDepth - channels);
          const x = randomValue(random, value);
          const sub = random.integer(0, tokens - 1);
          words[base + channel]?.forEach(({ weight, address }, set) => {
            sums.add(bank, set, address, weight * x);
          });
          const token = packFields([
            { bits: value.bits, value: x },
            { bits: channelBits, value: dense ? 0 : channel },
          ]);
          const others = 2 ** tokenBits - 1;
          return [
            { sub_i: sub, index_i: dense ? channel : undefined },
            {
              base_i: base,
              word_i: Array.from({ length: tokens }, (_, at) =>
                at === sub ? token : random.integer(0, others),
              ),
            },
          ];
        },
      });
      expectCycles({
        module: 'sparse_lane',
        parameters: {
          Tokens: tokens,
          TokenBits: tokenBits,
          ChannelBits: channelBits,
          IndexBits: indexBitsOfToken,
          Dense: dense ? 1 : 0,
          ValueBits: value.bits,
          ValueSigned: value.isSigned ? 1 : 0,
          SubBits: subBits,
          Sets: sets,
          DrainWidth: drainWidth,
          GroupBits: indexBits(sets / drainWidth),
          PairWeights: test.pair,
          WeightBits: weightBits,
          SumAddressBits: addressBits,
          SumDepth: sumDepth,
          SumBits: sumBits,
          BaseBits: baseBits,
          WeightDepth: weightDepth,
          BlockWeights: test.block ? 1 : 0,
          WeightFile: 'w.mem',
        },
        files: {
          'w.mem': memoryText(
            words.map((slots) =>
              packFields(
                slots.flatMap(({ weight, address }, set) => {
                  const even = test.pair === 1 && set % 2 === 1 ? slots[set - 1] : undefined;
                  const borrow = (even?.weight ?? 0) < 0 ? 1 : 0;
                  return [
                    { bits: weightBits, value: weight - borrow },
                    { bits: addressBits, value: address },
                  ];
                }),
              ),
            ),
          ),
        },
        inputs: [
          { name: 'issue_i', bits: 1 },
          { name: 'bank_i', bits: 1 },
          { name: 'sub_i', bits: subBits },
          { name: 'index_i', bits: indexBitsOfToken },
          { name: 'base_i', bits: baseBits },
          { name: 'word_i', bits: tokens * tokenBits, parts: tokens },
          { name: 'drain_i', bits: 1 },
          { name: 'drain_bank_i', bits: 1 },
          { name: 'drain_address_i', bits: addressBits },
          { name: 'drain_group_i', bits: indexBits(sets / drainWidth) },
        ],
        outputs: [{ name: 'sum_o', bits: drainWidth * sumBits, parts: drainWidth }],
        cycles,
      });
      expect(cycles.some(({ outputs }) => outputs['sum_o'] !== undefined)).toBe(true);
    },
  );
});

interface DenseCase {
  readonly lanes: number;
  readonly values: number;
  readonly tokens: number;
  readonly value: ValueFormat;
  readonly outputs: number;
  readonly drainWidth: number;
  readonly folds: number;
}

const denseCases: readonly DenseCase[] = [
  { lanes: 1, values: 1, tokens: 1, value: byte, outputs: 4, drainWidth: 4, folds: 1 },
  { lanes: 3, values: 2, tokens: 4, value: byte, outputs: 3, drainWidth: 1, folds: 5 },
  { lanes: 2, values: 4, tokens: 4, value: signedByte, outputs: 6, drainWidth: 2, folds: 3 },
  { lanes: 5, values: 1, tokens: 8, value: byte, outputs: 1, drainWidth: 1, folds: 2 },
  {
    lanes: 1,
    values: 2,
    tokens: 2,
    value: { bits: 2, isSigned: true },
    outputs: 5,
    drainWidth: 5,
    folds: 4,
  },
];

describe('dense_core', () => {
  it.each(denseCases.map((entry, index) => ({ ...entry, seed: 1350 + index })))(
    '$lanes lanes of $values values, $outputs outputs drained by $drainWidth, $folds folds, seed $seed',
    (test) => {
      const { lanes, values, tokens, value, outputs, drainWidth, folds } = test;
      const random = seededRandom(test.seed);
      const inputs = lanes * values;
      const levels = ceilLog2(inputs);
      const weightBits = 8;
      const weightDepth = random.integer(17, 40);
      const baseBits = indexBits(weightDepth);
      const sumBits = weightBits + value.bits + levels + 8;
      const subBits = indexBits(tokens);
      const words = Array.from({ length: weightDepth }, () =>
        Array.from({ length: outputs * inputs }, () => randomWeight(random, weightBits)),
      );
      const cycles = coreCycles({
        random,
        latency: 6 + levels,
        addresses: folds,
        groups: outputs / drainWidth,
        drainWidth,
        issue: (bank, sums) => {
          const index = random.integer(0, 7);
          const base = random.integer(0, weightDepth - 8);
          const fold = random.integer(0, folds - 1);
          const subs = Array.from({ length: lanes }, () => {
            return values * random.integer(0, tokens / values - 1);
          });
          const offMap = subs.map(() => random.integer(0, 1));
          const stored = subs.map(() =>
            Array.from({ length: tokens }, () => randomValue(random, value)),
          );
          const operands = stored.flatMap((row, lane) => {
            const sub = subs[lane] ?? 0;
            return row.slice(sub, sub + values).map((x) => (offMap[lane] === 1 ? 0 : x));
          });
          const weights = words[base + index] ?? [];
          for (let output = 0; output < outputs; output += 1) {
            const dot = operands.reduce(
              (sum, x, input) => sum + x * (weights[output * inputs + input] ?? NaN),
              0,
            );
            sums.add(bank, output, fold, dot);
          }
          return [
            { fold_i: fold, off_map_i: offMap, lane_sub_i: subs, index_i: index },
            { base_i: base, words_i: stored.flat() },
          ];
        },
      });
      expectCycles({
        module: 'dense_core',
        parameters: {
          Lanes: lanes,
          Values: values,
          Tokens: tokens,
          IndexBits: 4,
          ValueBits: value.bits,
          ValueSigned: value.isSigned ? 1 : 0,
          SubBits: subBits,
          Outputs: outputs,
          DrainWidth: drainWidth,
          GroupBits: indexBits(outputs / drainWidth),
          WeightBits: weightBits,
          FoldBits: indexBits(folds),
          Folds: folds,
          SumBits: sumBits,
          BaseBits: baseBits,
          WeightDepth: weightDepth,
          WeightFile: 'w.mem',
        },
        files: {
          'w.mem': memoryText(
            words.map((row) =>
              packFields(row.map((weight) => ({ bits: weightBits, value: weight }))),
            ),
          ),
        },
        inputs: [
          { name: 'issue_i', bits: 1 },
          { name: 'bank_i', bits: 1 },
          { name: 'fold_i', bits: indexBits(folds) },
          { name: 'off_map_i', bits: lanes, parts: lanes },
          { name: 'lane_sub_i', bits: lanes * subBits, parts: lanes },
          { name: 'index_i', bits: 4 },
          { name: 'base_i', bits: baseBits },
          { name: 'words_i', bits: lanes * tokens * value.bits, parts: lanes * tokens },
          { name: 'drain_i', bits: 1 },
          { name: 'drain_bank_i', bits: 1 },
          { name: 'drain_address_i', bits: indexBits(folds) },
          { name: 'drain_group_i', bits: indexBits(outputs / drainWidth) },
        ],
        outputs: [{ name: 'sum_o', bits: drainWidth * sumBits, parts: drainWidth }],
        cycles,
      });
      expect(cycles.some(({ outputs: seen }) => seen['sum_o'] !== undefined)).toBe(true);
    },
  );
});
