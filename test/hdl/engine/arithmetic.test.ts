import { describe, expect, it } from 'vitest';
import { ceilLog2, indexBits } from '../../../src/base/bits.ts';
import { memoryText } from '../tail/bits.ts';
import { seededRandom, type Random } from '../tail/random.ts';
import { expectCycles, type Cycle } from './cycle-bench.ts';

/** A signed number, often one of the extremes. */
function signed(random: Random, bits: number): number {
  const half = 2 ** (bits - 1);
  if (random.chance(0.2)) return random.chance(0.5) ? -half : half - 1;
  return random.integer(-half, half - 1);
}

/** A weight: symmetric, the most negative value is not used. */
function weight(random: Random, bits: number): number {
  return Math.max(1 - 2 ** (bits - 1), signed(random, bits));
}

describe('adder_tree', () => {
  it.each(
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 25].map((terms, index) => ({ terms, seed: 700 + index })),
  )('sums $terms terms, seed $seed', ({ terms, seed }) => {
    const random = seededRandom(seed);
    const bits = random.integer(2, 21);
    const levels = ceilLog2(terms);
    const rows = Array.from({ length: 100 }, () =>
      Array.from({ length: terms }, () => signed(random, bits)),
    );
    expectCycles({
      module: 'adder_tree',
      parameters: { Terms: terms, TermBits: bits },
      inputs: [{ name: 'terms_i', bits: terms * bits, parts: terms }],
      outputs: [{ name: 'sum_o', bits: bits + levels }],
      noReset: true,
      cycles: rows.map((row, cycle): Cycle => {
        const summed = rows[cycle - levels];
        return {
          inputs: { terms_i: terms === 1 ? (row[0] ?? 0) : row },
          outputs: { sum_o: summed?.reduce((sum, term) => sum + term, 0) },
        };
      }),
    });
  });
});

/** Corners of the ranges and numbers near zero. */
function corners(low: number, high: number): readonly number[] {
  const near = [low, low + 1, -2, -1, 0, 1, 2, high - 1, high];
  return [...new Set(near.filter((value) => value >= low && value <= high))];
}

describe('multiply_pair', () => {
  it.each([
    { weightBits: 8, valueBits: 8, isSigned: false },
    { weightBits: 8, valueBits: 8, isSigned: true },
    { weightBits: 4, valueBits: 3, isSigned: false },
    { weightBits: 2, valueBits: 2, isSigned: true },
    { weightBits: 2, valueBits: 1, isSigned: false },
    { weightBits: 3, valueBits: 9, isSigned: true },
    { weightBits: 8, valueBits: 2, isSigned: false },
  ])('$weightBits x $valueBits bits, signed $isSigned', (test) => {
    const { weightBits, valueBits } = test;
    const random = seededRandom(weightBits * 100 + valueBits);
    const weights = corners(1 - 2 ** (weightBits - 1), 2 ** (weightBits - 1) - 1);
    const low = test.isSigned ? -(2 ** (valueBits - 1)) : 0;
    const high = 2 ** (test.isSigned ? valueBits - 1 : valueBits) - 1;
    const values = corners(low, high);
    const triples = weights.flatMap((a) =>
      weights.flatMap((b) => values.map((x) => ({ a, b, x }))),
    );
    for (let index = 0; index < 300; index += 1) {
      const a = weight(random, weightBits);
      triples.push({ a, b: weight(random, weightBits), x: random.integer(low, high) });
    }
    const productBits = weightBits + valueBits;
    const operandBits = valueBits + (test.isSigned ? 0 : 1);
    expectCycles({
      module: 'multiply_pair',
      parameters: {
        WeightBits: weightBits,
        OperandBits: operandBits,
        ProductBits: productBits,
      },
      inputs: [
        { name: 'a_i', bits: weightBits },
        { name: 'b_i', bits: weightBits },
        { name: 'x_i', bits: operandBits },
      ],
      outputs: [
        { name: 'a_product_o', bits: productBits },
        { name: 'b_product_o', bits: productBits },
      ],
      noReset: true,
      cycles: triples.map(({ a, b, x }, cycle): Cycle => {
        const past = triples[cycle - 3];
        return {
          inputs: { a_i: a, b_i: b, x_i: x },
          outputs:
            past === undefined
              ? {}
              : { a_product_o: past.a * past.x, b_product_o: past.b * past.x },
        };
      }),
    });
  });
});

describe('dense_dot_pair', () => {
  it.each([1, 2, 3, 5, 8].map((inputs) => ({ inputs, seed: 730 + inputs })))(
    '$inputs inputs, seed $seed',
    ({ inputs, seed }) => {
      const random = seededRandom(seed);
      const levels = ceilLog2(inputs);
      const rows = Array.from({ length: 150 }, () => ({
        a: Array.from({ length: inputs }, () => weight(random, 8)),
        b: Array.from({ length: inputs }, () => weight(random, 8)),
        x: Array.from({ length: inputs }, () => random.integer(0, 255)),
      }));
      const dot = (weights: readonly number[], x: readonly number[]): number =>
        weights.reduce((sum, value, index) => sum + value * (x[index] ?? 0), 0);
      const flat = (list: readonly number[]): number | readonly number[] =>
        inputs === 1 ? (list[0] ?? 0) : list;
      expectCycles({
        module: 'dense_dot_pair',
        parameters: {
          Inputs: inputs,
          WeightBits: 8,
          OperandBits: 9,
          ProductBits: 16,
          SumBits: 16 + levels,
        },
        inputs: [
          { name: 'operands_i', bits: 9 * inputs, parts: inputs },
          { name: 'a_weights_i', bits: 8 * inputs, parts: inputs },
          { name: 'b_weights_i', bits: 8 * inputs, parts: inputs },
        ],
        outputs: [
          { name: 'a_sum_o', bits: 16 + levels },
          { name: 'b_sum_o', bits: 16 + levels },
        ],
        noReset: true,
        cycles: rows.map((row, cycle): Cycle => {
          const past = rows[cycle - 3 - levels];
          return {
            inputs: { operands_i: flat(row.x), a_weights_i: flat(row.a), b_weights_i: flat(row.b) },
            outputs:
              past === undefined
                ? {}
                : { a_sum_o: dot(past.a, past.x), b_sum_o: dot(past.b, past.x) },
          };
        }),
      });
    },
  );
});

describe('word_select', () => {
  it.each([1, 2, 3, 5, 8, 11])('%i words', (words) => {
    const random = seededRandom(730 + words);
    const rows = Array.from({ length: 60 }, () => ({
      index: random.integer(0, words - 1),
      values: Array.from({ length: words }, () => random.integer(0, 2 ** 7 - 1)),
    }));
    expectCycles({
      module: 'word_select',
      parameters: { Words: words, IndexBits: indexBits(words), Width: 7 },
      inputs: [
        { name: 'index_i', bits: indexBits(words) },
        { name: 'words_i', bits: 7 * words, parts: words },
      ],
      outputs: [{ name: 'word_o', bits: 7 }],
      noClock: true,
      cycles: rows.map(({ index, values }): Cycle => {
        return {
          inputs: { index_i: index, words_i: values },
          outputs: { word_o: values[index] },
        };
      }),
    });
  });
});

describe('drain_select', () => {
  it.each([
    { groups: 1, sums: 2 },
    { groups: 2, sums: 1 },
    { groups: 3, sums: 2 },
    { groups: 5, sums: 3 },
  ])('$groups groups of $sums', ({ groups, sums }) => {
    const random = seededRandom(740 + groups);
    const all = groups * sums;
    const rows = Array.from({ length: 60 }, () => ({
      group: random.integer(0, groups - 1),
      empty: Array.from({ length: all }, () => random.integer(0, 1)),
      values: Array.from({ length: all }, () => random.integer(0, 2 ** 11 - 1)),
    }));
    expectCycles({
      module: 'drain_select',
      parameters: { Groups: groups, GroupBits: indexBits(groups), Sums: sums, SumBits: 11 },
      inputs: [
        { name: 'group_i', bits: indexBits(groups) },
        { name: 'empty_i', bits: all, parts: all },
        { name: 'sums_i', bits: 11 * all, parts: all },
      ],
      outputs: [{ name: 'sum_o', bits: 11 * sums, parts: sums }],
      noReset: true,
      cycles: rows.map(({ group, empty, values }, cycle): Cycle => {
        const past = rows[cycle - 1];
        const slots = Array.from({ length: sums }, (_, slot) => (past?.group ?? 0) * sums + slot);
        return {
          inputs: { group_i: group, empty_i: empty, sums_i: values },
          outputs: {
            sum_o:
              past === undefined
                ? undefined
                : slots.map((slot) => (past.empty[slot] === 1 ? 0 : (past.values[slot] ?? 0))),
          },
        };
      }),
    });
  });
});

describe('accumulator_cell', () => {
  it.each([
    { depth: 1, productBits: 4, sumBits: 9, seed: 751 },
    { depth: 3, productBits: 12, sumBits: 12, seed: 752 },
    { depth: 16, productBits: 17, sumBits: 26, seed: 753 },
    { depth: 20, productBits: 8, sumBits: 20, seed: 754 },
  ])('$depth sums of $sumBits bits, seed $seed', ({ depth, productBits, sumBits, seed }) => {
    const random = seededRandom(seed);
    // null: nothing was added since the sum was drained
    const sums = [0, 1].map(() => Array.from({ length: depth }, (): number | null => null));
    const cycles = Array.from({ length: 1500 }, (): Cycle => {
      const accumulate = random.chance(0.7);
      const drain = random.chance(0.5);
      const bank = random.integer(0, 1);
      // the bank that is drained gets no products
      const drainBank = accumulate ? 1 - bank : random.integer(0, 1);
      const address = random.integer(0, random.chance(0.5) ? 0 : depth - 1);
      const drainAddress = random.integer(0, depth - 1);
      const product = signed(random, productBits);
      const carry = random.integer(0, 1);
      const row = sums[drainBank] ?? [];
      const seen = row[drainAddress] ?? null;
      if (drain) row[drainAddress] = null;
      const target = sums[bank] ?? [];
      if (accumulate) {
        // narrow sums wrap, wide ones never get that far
        target[address] = Number(
          BigInt.asIntN(sumBits, BigInt((target[address] ?? 0) + product + carry)),
        );
      }
      return {
        inputs: {
          accumulate_i: accumulate ? 1 : 0,
          bank_i: bank,
          address_i: address,
          product_i: product,
          carry_i: carry,
          drain_i: drain ? 1 : 0,
          drain_bank_i: drainBank,
          drain_address_i: drain ? drainAddress : undefined,
        },
        outputs: drain ? { empty_o: seen === null ? 1 : 0, sum_o: seen ?? undefined } : {},
      };
    });
    expectCycles({
      module: 'accumulator_cell',
      parameters: {
        Depth: depth,
        AddressBits: indexBits(depth),
        ProductBits: productBits,
        SumBits: sumBits,
      },
      inputs: [
        { name: 'accumulate_i', bits: 1 },
        { name: 'bank_i', bits: 1 },
        { name: 'address_i', bits: indexBits(depth) },
        { name: 'product_i', bits: productBits },
        { name: 'carry_i', bits: 1 },
        { name: 'drain_i', bits: 1 },
        { name: 'drain_bank_i', bits: 1 },
        { name: 'drain_address_i', bits: indexBits(depth) },
      ],
      outputs: [
        { name: 'empty_o', bits: 1 },
        { name: 'sum_o', bits: sumBits },
      ],
      noReset: true,
      cycles,
    });
    expect(cycles.some(({ outputs }) => outputs['sum_o'] !== undefined)).toBe(true);
  });
});

describe('memories', () => {
  it.each([0, 1, 2])('simple_memory returns what was written, BlockMemory %i', (block) => {
    const random = seededRandom(760 + block);
    const words = new Map<number, number>();
    let expected: number | undefined;
    const cycles = Array.from({ length: 400 }, (): Cycle => {
      const write = random.chance(0.5);
      const writeAddress = random.integer(0, 12);
      const readAddress = random.integer(0, 12);
      const value = random.integer(0, 511);
      const outputs = { read_data_o: expected };
      expected = write && readAddress === writeAddress ? undefined : words.get(readAddress);
      if (write) words.set(writeAddress, value);
      return {
        inputs: {
          write_i: write ? 1 : 0,
          write_address_i: writeAddress,
          write_data_i: value,
          read_address_i: readAddress,
        },
        outputs,
      };
    });
    expectCycles({
      module: 'simple_memory',
      parameters: { Width: 9, Depth: 13, AddressBits: 4, BlockMemory: block },
      inputs: [
        { name: 'write_i', bits: 1 },
        { name: 'write_address_i', bits: 4 },
        { name: 'write_data_i', bits: 9 },
        { name: 'read_address_i', bits: 4 },
      ],
      outputs: [{ name: 'read_data_o', bits: 9 }],
      noReset: true,
      cycles,
    });
  });

  it.each([0, 1])('weight_memory holds its file, BlockMemory %i', (block) => {
    const random = seededRandom(770 + block);
    const words = Array.from({ length: 21 }, () => random.integer(0, 2 ** 18 - 1));
    const addresses = Array.from({ length: 60 }, () => random.integer(0, words.length - 1));
    expectCycles({
      module: 'weight_memory',
      parameters: { Width: 18, Depth: 21, AddressBits: 5, BlockMemory: block, File: 'words.mem' },
      files: { 'words.mem': memoryText(words.map(BigInt)) },
      inputs: [{ name: 'read_address_i', bits: 5 }],
      outputs: [{ name: 'read_data_o', bits: 18 }],
      noReset: true,
      cycles: addresses.map((address, cycle): Cycle => {
        const past = addresses[cycle - 1];
        return {
          inputs: { read_address_i: address },
          outputs: { read_data_o: past === undefined ? undefined : words[past] },
        };
      }),
    });
  });
});
