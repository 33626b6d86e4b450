import { describe, expect, it } from 'vitest';
import { ceilLog2, indexBits } from '../../../src/base/bits.ts';
import { seededRandom } from '../tail/random.ts';
import { expectCycles, type Cycle } from './cycle-bench.ts';

interface Case {
  readonly lanes: number;
  readonly tokens: number;
  readonly rowBits: number;
  readonly width: number;
  readonly wordsPerSite: number;
  readonly sitesPerBeat: number;
  readonly counted: boolean;
  readonly block: boolean;
}

const cases: readonly Case[] = [
  // one word a site, as few rows as possible
  { lanes: 1, tokens: 1, rowBits: 1, width: 1, wordsPerSite: 1, sitesPerBeat: 1 },
  { lanes: 3, tokens: 2, rowBits: 2, width: 8, wordsPerSite: 1, sitesPerBeat: 1 },
  // sites of several beats
  { lanes: 2, tokens: 1, rowBits: 2, width: 5, wordsPerSite: 4, sitesPerBeat: 1 },
  { lanes: 1, tokens: 4, rowBits: 3, width: 3, wordsPerSite: 2, sitesPerBeat: 1 },
  // more sites than a memory of counts has words: runs of 4 and 2 sites, a whole row
  { lanes: 2, tokens: 2, rowBits: 2, width: 60, wordsPerSite: 1, sitesPerBeat: 1 },
  { lanes: 1, tokens: 1, rowBits: 2, width: 27, wordsPerSite: 2, sitesPerBeat: 1 },
  { lanes: 1, tokens: 1, rowBits: 6, width: 2, wordsPerSite: 2, sitesPerBeat: 1 },
  // several sites in a beat
  { lanes: 2, tokens: 4, rowBits: 2, width: 7, wordsPerSite: 1, sitesPerBeat: 2, dense: true },
  { lanes: 1, tokens: 8, rowBits: 1, width: 8, wordsPerSite: 1, sitesPerBeat: 8, dense: true },
  { lanes: 1, tokens: 4, rowBits: 3, width: 2, wordsPerSite: 1, sitesPerBeat: 4, dense: true },
  // dense sites of several beats
  { lanes: 2, tokens: 2, rowBits: 2, width: 4, wordsPerSite: 4, sitesPerBeat: 1, dense: true },
].map(({ dense, ...rest }, index) => ({ ...rest, counted: dense !== true, block: index % 2 > 0 }));

/** Cycles of random traffic through a store, as its header describes it. */
function storeCycles(test: Case, seed: number, count: number): readonly Cycle[] {
  const { lanes, tokens, rowBits, width, wordsPerSite, sitesPerBeat } = test;
  const random = seededRandom(seed);
  const columnBits = columnBitsOf(test);
  const ring = 2 ** rowBits;
  const wordsPerRow = (2 ** columnBits / sitesPerBeat) * wordsPerSite;
  const words = new Map<number, readonly number[]>();
  const counts = new Map<number, number>();
  let lead = 0;
  let filling = true;
  let rows = 0; // rows completely written since reset
  let column = 0;
  let word = 0;
  let total = 0;
  let offer: { last: boolean; count: number; data: readonly number[] } | null = null;
  let expected: (readonly number[])[] | null = null;
  const cycles: Cycle[] = [];
  for (let index = 0; index < count; index += 1) {
    if (offer === null && random.chance(index < count / 3 ? 1 : 0.7)) {
      const last = word === wordsPerSite - 1 || (test.counted && random.chance(0.4));
      const data = Array.from({ length: tokens }, () => random.integer(0, 2 ** 11 - 1));
      offer = { last, count: last ? random.integer(0, tokens) : tokens, data };
    }
    const ready = lead < ring;

    // a site that windows may still need and that is written
    const first = rows - lead;
    const readable: { row: number; column: number }[] = [];
    for (let row = first; row <= rows; row += 1) {
      const written = row === rows ? column : width;
      for (let at = 0; at < written; at += 1) readable.push({ row, column: at });
    }
    const reads = Array.from({ length: lanes }, () => {
      const site = readable[random.integer(0, readable.length - 1)];
      if (site === undefined) return null;
      const slot = ((site.row % ring) + ring) % ring;
      const beat = Math.floor(site.column / sitesPerBeat) * wordsPerSite;
      const addresses = Array.from(
        { length: wordsPerSite },
        (_, at) => slot * wordsPerRow + beat + at,
      ).filter((at) => words.has(at));
      return {
        site: slot * 2 ** columnBits + site.column,
        address: addresses[random.integer(0, addresses.length - 1)] ?? 0,
      };
    });
    const allRead = reads.every((read) => read !== null);

    // by turns the ring fills up and releases run ahead of what has arrived
    if (lead >= ring) filling = false;
    if (lead < -1) filling = true;
    const released = random.chance(filling ? Math.min(0.01, 0.1 / width) : 0.4)
      ? random.integer(0, 5)
      : 0;
    const release = lead - released >= -5 && (released > 0 || random.chance(0.1));
    cycles.push({
      inputs: {
        in_valid_i: offer === null ? 0 : 1,
        in_last_i: offer === null ? random.integer(0, 1) : Number(offer.last),
        in_count_i: offer?.count,
        in_data_i: offer?.data,
        release_i: release ? 1 : 0,
        release_rows_i: release ? released : random.integer(0, 3),
        release_less_i: release ? released - 1 : random.integer(0, 3),
        site_i: reads.map((read) => read?.site ?? 0),
        read_address_i: reads.map((read) => read?.address ?? 0),
      },
      outputs: {
        in_ready_o: ready ? 1 : 0,
        lead_o: lead,
        rows_o: rows,
        written_o: column,
        count_o: allRead
          ? reads.map((read) => (test.counted ? (counts.get(read.site) ?? 0) - 1 : 0))
          : undefined,
        word_o: expected === null ? undefined : expected.flat(),
      },
    });
    const seen = reads.map((read) => (read === null ? undefined : words.get(read.address)));
    expected = seen.every((row) => row !== undefined) ? seen : null;

    if (offer !== null && ready) {
      const slot = rows % ring;
      if (column === 0 && word === 0) {
        // the words of the row that was here belong to sites that are gone
        for (let at = slot * wordsPerRow; at < (slot + 1) * wordsPerRow; at += 1) words.delete(at);
      }
      words.set(
        slot * wordsPerRow + Math.floor(column / sitesPerBeat) * wordsPerSite + word,
        offer.data,
      );
      total += offer.count;
      word += 1;
      if (offer.last) {
        counts.set(slot * 2 ** columnBits + column, total);
        total = 0;
        word = 0;
        column += sitesPerBeat;
        if (column >= width) {
          column = 0;
          rows += 1;
          lead += 1;
        }
      }
      offer = null;
    }
    if (release) lead -= released;
  }
  return cycles;
}

function columnBitsOf({ width, sitesPerBeat }: Case): number {
  return Math.max(1 + ceilLog2(sitesPerBeat), ceilLog2(width), 1);
}

describe('site_store', () => {
  it.each(cases.map((entry, index) => ({ ...entry, seed: 900 + index })))(
    '$lanes lanes, rows of $width sites, $wordsPerSite words a site, $sitesPerBeat sites a beat, seed $seed',
    (test) => {
      const { lanes, tokens, rowBits, wordsPerSite, sitesPerBeat } = test;
      const columnBits = columnBitsOf(test);
      const countBits = ceilLog2(tokens * wordsPerSite + 1);
      const countBitsIn = ceilLog2(tokens + 1);
      const leadBits = rowBits + 4;
      const addressBits = rowBits + columnBits - ceilLog2(sitesPerBeat) + ceilLog2(wordsPerSite);
      const cycles = storeCycles(test, test.seed, 2500);
      const saw = (name: string, value: (seen: number) => boolean): boolean =>
        cycles.some(({ outputs }) => value(Number(outputs[name])));
      expect(saw('in_ready_o', (seen) => seen === 0)).toBe(true);
      expect(saw('lead_o', (seen) => seen < 0)).toBe(true);
      expectCycles({
        module: 'site_store',
        parameters: {
          Lanes: lanes,
          Tokens: tokens,
          TokenBits: 11,
          RowBits: rowBits,
          ColumnBits: columnBits,
          WordsPerSite: wordsPerSite,
          SitesPerBeat: sitesPerBeat,
          Width: test.width,
          Counted: Number(test.counted),
          CountBits: countBits,
          CountBitsIn: countBitsIn,
          LeadBits: leadBits,
          AddressBits: addressBits,
          BlockMemory: Number(test.block),
        },
        inputs: [
          { name: 'in_valid_i', bits: 1 },
          { name: 'in_last_i', bits: 1 },
          { name: 'in_count_i', bits: countBitsIn },
          { name: 'in_data_i', bits: tokens * 11, parts: tokens },
          { name: 'release_i', bits: 1 },
          { name: 'release_rows_i', bits: leadBits },
          { name: 'release_less_i', bits: leadBits },
          { name: 'site_i', bits: lanes * (rowBits + columnBits), parts: lanes },
          { name: 'read_address_i', bits: lanes * addressBits, parts: lanes },
        ],
        outputs: [
          { name: 'in_ready_o', bits: 1 },
          { name: 'lead_o', bits: leadBits },
          { name: 'rows_o', bits: leadBits },
          { name: 'written_o', bits: columnBits + 1 },
          { name: 'count_o', bits: lanes * countBits, parts: lanes },
          { name: 'word_o', bits: lanes * tokens * 11, parts: lanes * tokens },
        ],
        cycles,
      });
    },
  );
});

interface AddressCase {
  readonly tokens: number;
  readonly sitesPerBeat: number;
  readonly wordsPerSite: number;
  readonly values: number;
}

/** Every legal combination of small parameters. */
function addressCases(): readonly AddressCase[] {
  const found: AddressCase[] = [];
  for (const tokens of [1, 2, 4, 8]) {
    for (const values of [1, 2, 4, 8].filter((value) => value <= tokens)) {
      for (const wordsPerSite of [1, 2, 8]) {
        found.push({ tokens, sitesPerBeat: 1, wordsPerSite, values });
      }
      for (const sitesPerBeat of [2, 4, 8].filter((sites) => sites * values <= tokens)) {
        found.push({ tokens, sitesPerBeat, wordsPerSite: 1, values });
      }
    }
  }
  return found;
}

/** The same with numbers of values that need more than 32 bits where they are put together. */
const wideCases = addressCases().filter(({ tokens }) => tokens === 8);

describe('token_address', () => {
  it.each([
    ...addressCases().map((entry) => ({ ...entry, spareBits: 0 })),
    ...wideCases.map((entry) => ({ ...entry, spareBits: 30 })),
  ])(
    '$tokens tokens a beat, $sitesPerBeat sites a beat, $wordsPerSite words a site, $values values a step, $spareBits bits to spare',
    ({ tokens, sitesPerBeat, wordsPerSite, values, spareBits }) => {
      const rowBits = 2;
      const columnBits = 1 + ceilLog2(sitesPerBeat);
      const perSite = sitesPerBeat > 1 ? tokens / sitesPerBeat : tokens * wordsPerSite;
      const steps = Math.max(1, perSite / values);
      const countBits = spareBits + ceilLog2(steps + 1);
      const cycles: Cycle[] = [];
      for (let slot = 0; slot < 2 ** rowBits; slot += 1) {
        for (let column = 0; column < 2 ** columnBits; column += 1) {
          for (let token = 0; token < steps; token += 1) {
            // position of the value in the row, counted in values
            const before = Math.floor(column / sitesPerBeat) * tokens * wordsPerSite;
            const within = (column % sitesPerBeat) * (tokens / sitesPerBeat) + token * values;
            const wordsPerRow = (2 ** columnBits / sitesPerBeat) * wordsPerSite;
            cycles.push({
              inputs: { slot_i: slot, column_i: column, token_i: token },
              outputs: {
                address_o: slot * wordsPerRow + Math.floor((before + within) / tokens),
                sub_o: (before + within) % tokens,
              },
            });
          }
        }
      }
      const addressBits = rowBits + columnBits - ceilLog2(sitesPerBeat) + ceilLog2(wordsPerSite);
      expectCycles({
        module: 'token_address',
        parameters: {
          Tokens: tokens,
          SubBits: indexBits(tokens),
          RowBits: rowBits,
          ColumnBits: columnBits,
          CountBits: countBits,
          WordsPerSite: wordsPerSite,
          SitesPerBeat: sitesPerBeat,
          ValuesPerSite: tokens / sitesPerBeat,
          Values: values,
          AddressBits: addressBits,
        },
        inputs: [
          { name: 'slot_i', bits: rowBits },
          { name: 'column_i', bits: columnBits },
          { name: 'token_i', bits: countBits },
        ],
        outputs: [
          { name: 'address_o', bits: addressBits },
          { name: 'sub_o', bits: indexBits(tokens) },
        ],
        noClock: true,
        cycles,
      });
    },
  );
});
