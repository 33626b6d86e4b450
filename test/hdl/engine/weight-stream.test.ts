import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectCycles, type Cycle } from './cycle-bench.ts';
import { Source } from './source.ts';
import { seededRandom } from '../tail/random.ts';

interface Case {
  readonly beatBits: number;
  readonly depth: number;
  /** Of every section: words, beats a word. */
  readonly sections: readonly (readonly [number, number])[];
  /** How likely a beat is offered, and an engine begins (or ceases) to want words. */
  readonly offers: number;
  readonly changes: number;
}

const cases: readonly Case[] = [
  { beatBits: 8, depth: 17, sections: [[5, 1]], offers: 1, changes: 0.02 },
  { beatBits: 16, depth: 4, sections: [[4, 3]], offers: 0.6, changes: 0.1 },
  {
    beatBits: 8,
    depth: 6,
    sections: [
      [3, 2],
      [1, 4],
      [2, 1],
    ],
    offers: 0.9,
    changes: 0.2,
  },
];

interface Given {
  readonly section: number;
  readonly beats: readonly number[];
}
const nothing: Given = { section: -1, beats: [] };

/** `weight_stream` by its header: when words come, whose they are, and where in the word they lie. */
function streamCycles(test: Case, seed: number, count: number): readonly Cycle[] {
  const random = seededRandom(seed);
  const { beatBits, depth, sections } = test;
  const wordBeats = Math.max(...sections.map(([, beats]) => beats));
  const source = new Source(random, test.offers, () => random.integer(0, 2 ** beatBits - 1));
  /** Beats in the FIFO, and from when they can leave it. */
  const fifo: { readonly value: number; readonly from: number }[] = [];
  /** The beats of the word so far; complete from a cycle on. */
  let word: number[] = [];
  let complete = false;
  let section = 0;
  let number = 0;
  let completeSection = 0;
  let want = false;
  let lastGiven = nothing;
  let beforeLast = nothing;
  return Array.from({ length: count }, (_, cycle): Cycle => {
    const beat = source.offer();
    if (random.chance(test.changes)) want = !want;
    // what is in the registers
    const valid = lastGiven;
    const data = beforeLast;
    const ready = fifo.length < depth;
    const take = complete && want;
    beforeLast = lastGiven;
    lastGiven = take ? { section: completeSection, beats: word } : nothing;
    const [oldest] = fifo;
    const shift = oldest !== undefined && oldest.from <= cycle && (!complete || take);
    if (take) {
      word = [];
      complete = false;
    }
    if (shift) {
      fifo.shift();
      word.push(oldest.value);
      const [words = 1, beats = 1] = sections[section] ?? [];
      if (word.length === beats) {
        complete = true;
        completeSection = section;
        number += 1;
        if (number === words) {
          number = 0;
          section = (section + 1) % sections.length;
        }
      }
    }
    if (beat !== null && ready) {
      fifo.push({ value: beat, from: cycle + 2 });
      source.taken();
    }
    return {
      inputs: { valid_i: beat === null ? 0 : 1, data_i: beat ?? undefined, want_i: want ? 1 : 0 },
      outputs: {
        ready_o: ready ? 1 : 0,
        valid_o: sections.map((_section, at) => (valid.section === at ? 1 : 0)),
        // a shorter word lies at the upper end; below it is what was there before
        word_o:
          data.beats.length === wordBeats
            ? data.beats.reduce(
                (sum, value, at) => sum | (BigInt(value) << BigInt(at * beatBits)),
                0n,
              )
            : undefined,
        top_o: data.beats.at(-1),
      },
    };
  });
}

function packed(values: readonly number[]): string {
  return `{${values
    .map((value) => `32'd${value}`)
    .reverse()
    .join(', ')}}`;
}

const sources = ['weight_stream', 'block_fifo']
  .map((name) => readFileSync(new URL(`../../../hdl-templates/${name}.v`, import.meta.url), 'utf8'))
  .join('\n');

describe('weight_stream', () => {
  it.each(cases.map((test, index) => ({ ...test, seed: 870 + index })))(
    'sections $sections, seed $seed: every word once, in its cycle and section',
    (test) => {
      const { beatBits, depth, sections, seed } = test;
      const wordBeats = Math.max(...sections.map(([, beats]) => beats));
      const wordBits = beatBits * wordBeats;
      const cycles = streamCycles(test, seed, 1200);
      const given = cycles.filter(({ outputs }) => {
        const { valid_o: valid } = outputs;
        return Array.isArray(valid) && valid.includes(1);
      });
      expect(given.length).toBeGreaterThan(50);
      expectCycles({
        module: 'weight_stream_top',
        // constants of several sections are wider than numbers
        source: `module weight_stream_top (
  input wire clk_i, input wire rst_ni, input wire valid_i, output wire ready_o,
  input wire [${beatBits - 1}:0] data_i, input wire want_i,
  output wire [${sections.length - 1}:0] valid_o, output wire [${wordBits - 1}:0] word_o,
  output wire [${beatBits - 1}:0] top_o
);
  assign top_o = word_o[${wordBits - 1}:${wordBits - beatBits}];
  weight_stream #(
    .BeatBits(${beatBits}), .FifoDepth(${depth}), .BlockFifo(0), .WordBeats(${wordBeats}),
    .Sections(${sections.length}), .SectionWords(${packed(sections.map(([words]) => words))}),
    .SectionBeats(${packed(sections.map(([, beats]) => beats))})
  ) u_stream (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .ready_o(ready_o), .data_i(data_i),
    .want_i(want_i), .valid_o(valid_o), .word_o(word_o)
  );
endmodule
${sources}`,
        parameters: {},
        inputs: [
          { name: 'valid_i', bits: 1 },
          { name: 'data_i', bits: beatBits },
          { name: 'want_i', bits: 1 },
        ],
        outputs: [
          { name: 'ready_o', bits: 1 },
          { name: 'valid_o', bits: sections.length, parts: sections.length },
          { name: 'word_o', bits: wordBits },
          { name: 'top_o', bits: beatBits },
        ],
        cycles,
      });
    },
  );
});
