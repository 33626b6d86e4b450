import { describe, expect, it } from 'vitest';
import { seededRandom } from '../tail/random.ts';
import { expectCycles, type Cycle } from './cycle-bench.ts';
import { Source } from './source.ts';

interface SiteBeat {
  readonly last: boolean;
  readonly count: number;
  readonly data: number;
}

const densities = [1, 0.6, 0.2];

describe('site_merge', () => {
  it.each([1, 2, 3, 4, 5].map((ports) => ({ ports, seed: 800 + ports })))(
    '$ports ports give their sites in turn, seed $seed',
    ({ ports, seed }) => {
      const random = seededRandom(seed);
      const sources = Array.from({ length: ports }, () => {
        return new Source(random, densities[random.integer(0, 2)] ?? 1, (): SiteBeat => ({
          last: random.chance(0.4),
          count: random.integer(0, 3),
          data: random.integer(0, 2 ** 13 - 1),
        }));
      });
      let turn = 0;
      let sites = 0;
      const cycles = Array.from({ length: 900 }, (_, index): Cycle => {
        const offers = sources.map((source) => source.offer());
        const ready = random.chance(index < 300 ? 1 : 0.5);
        const beat = offers[turn] ?? null;
        const inReady = offers.map((_offer, port) => (port === turn && ready ? 1 : 0));
        if (ready && beat !== null) {
          sources[turn]?.taken();
          if (beat.last) {
            turn = (turn + 1) % ports;
            sites += 1;
          }
        }
        // nothing is known about the beats of a port that offers none
        const known = offers.every((offer) => offer !== null) ? offers : null;
        const pick = (value: (beat: SiteBeat) => number): readonly number[] =>
          offers.map((offer) => (offer === null ? random.integer(0, 1) : value(offer)));
        return {
          inputs: {
            in_valid_i: offers.map((offer) => (offer === null ? 0 : 1)),
            in_last_i: pick(({ last }) => (last ? 1 : 0)),
            in_count_i: pick(({ count }) => count),
            in_data_i: known === null && beat === null ? undefined : pick(({ data }) => data),
            out_ready_i: ready ? 1 : 0,
          },
          outputs: {
            in_ready_o: inReady,
            out_valid_o: beat === null ? 0 : 1,
            ...(beat === null
              ? {}
              : {
                  out_last_o: beat.last ? 1 : 0,
                  out_count_o: beat.count,
                  out_data_o: beat.data,
                }),
          },
        };
      });
      expect(sites).toBeGreaterThan(2 * ports);
      expectCycles({
        module: 'site_merge',
        parameters: { Ports: ports, CountBits: 2, DataBits: 13 },
        inputs: [
          { name: 'in_valid_i', bits: ports, parts: ports },
          { name: 'in_last_i', bits: ports, parts: ports },
          { name: 'in_count_i', bits: 2 * ports, parts: ports },
          { name: 'in_data_i', bits: 13 * ports, parts: ports },
          { name: 'out_ready_i', bits: 1 },
        ],
        outputs: [
          { name: 'in_ready_o', bits: ports, parts: ports },
          { name: 'out_valid_o', bits: 1 },
          { name: 'out_last_o', bits: 1 },
          { name: 'out_count_o', bits: 2 },
          { name: 'out_data_o', bits: 13 },
        ],
        cycles,
      });
    },
  );
});

describe('inference_distributor', () => {
  it.each([1, 2, 3, 7].map((copies) => ({ copies, seed: 820 + copies })))(
    'whole inferences to $copies copies in turn, seed $seed',
    ({ copies, seed }) => {
      const random = seededRandom(seed);
      const source = new Source(random, 0.8, () => ({
        last: random.chance(0.3),
        data: random.integer(0, 2 ** 20 - 1),
      }));
      let turn = 0;
      let inferences = 0;
      const cycles = Array.from({ length: 900 }, (): Cycle => {
        const beat = source.offer();
        const ready = Array.from({ length: copies }, () => random.chance(0.6));
        const taken = ready[turn] === true;
        const cycle: Cycle = {
          inputs: {
            in_valid_i: beat === null ? 0 : 1,
            in_last_i: beat === null ? random.integer(0, 1) : Number(beat.last),
            in_data_i: beat?.data,
            out_ready_i: ready.map(Number),
          },
          outputs: {
            in_ready_o: taken ? 1 : 0,
            out_valid_o: ready.map((_ready, copy) => (copy === turn && beat !== null ? 1 : 0)),
            out_data_o: beat?.data,
          },
        };
        if (beat !== null && taken) {
          source.taken();
          if (beat.last) {
            turn = (turn + 1) % copies;
            inferences += 1;
          }
        }
        return cycle;
      });
      expect(inferences).toBeGreaterThan(2 * copies);
      expectCycles({
        module: 'inference_distributor',
        parameters: { Copies: copies, DataBits: 20 },
        inputs: [
          { name: 'in_valid_i', bits: 1 },
          { name: 'in_last_i', bits: 1 },
          { name: 'in_data_i', bits: 20 },
          { name: 'out_ready_i', bits: copies, parts: copies },
        ],
        outputs: [
          { name: 'in_ready_o', bits: 1 },
          { name: 'out_valid_o', bits: copies, parts: copies },
          { name: 'out_data_o', bits: 20 },
        ],
        cycles,
      });
    },
  );
});

describe('beat_splitter', () => {
  it.each([
    { parts: 1, streamBeats: 1, beatsPerSite: 1, seed: 840 },
    { parts: 1, streamBeats: 12, beatsPerSite: 3, seed: 841 },
    { parts: 4, streamBeats: 1, beatsPerSite: 1, seed: 842 },
    { parts: 2, streamBeats: 8, beatsPerSite: 2, seed: 843 },
    { parts: 3, streamBeats: 16, beatsPerSite: 4, seed: 844 },
    { parts: 4, streamBeats: 5, beatsPerSite: 5, seed: 845 },
    { parts: 5, streamBeats: 3, beatsPerSite: 1, seed: 846 },
    { parts: 8, streamBeats: 64, beatsPerSite: 1, seed: 847 },
  ])('$parts parts, $streamBeats beats of an inference, seed $seed', (test) => {
    const { parts, streamBeats, beatsPerSite, seed } = test;
    const random = seededRandom(seed);
    const source = new Source(random, 0.8, () =>
      Array.from({ length: parts }, () => random.integer(0, 2 ** 9 - 1)),
    );
    let beat = 0;
    let part = 0;
    let inferences = 0;
    const cycles = Array.from({ length: 1000 }, (_, index): Cycle => {
      const offer = source.offer();
      const ready = random.chance(index < 400 ? 1 : 0.6);
      const partsEnd = part === parts - 1 || beat === streamBeats - 1;
      const cycle: Cycle = {
        inputs: {
          in_valid_i: offer === null ? 0 : 1,
          in_data_i: offer === null ? undefined : parts === 1 ? (offer[0] ?? 0) : offer,
          out_ready_i: ready ? 1 : 0,
        },
        outputs: {
          in_ready_o: ready && partsEnd ? 1 : 0,
          out_valid_o: offer === null ? 0 : 1,
          out_last_o: beat % beatsPerSite === beatsPerSite - 1 ? 1 : 0,
          out_data_o: offer?.[part],
        },
      };
      if (offer !== null && ready) {
        if (partsEnd) source.taken();
        part = partsEnd ? 0 : part + 1;
        beat = (beat + 1) % streamBeats;
        if (beat === 0) inferences += 1;
      }
      return cycle;
    });
    expect(inferences).toBeGreaterThan(2);
    expectCycles({
      module: 'beat_splitter',
      parameters: {
        Parts: parts,
        PartBits: 9,
        StreamBeats: streamBeats,
        BeatsPerSite: beatsPerSite,
      },
      inputs: [
        { name: 'in_valid_i', bits: 1 },
        { name: 'in_data_i', bits: 9 * parts, parts },
        { name: 'out_ready_i', bits: 1 },
      ],
      outputs: [
        { name: 'in_ready_o', bits: 1 },
        { name: 'out_valid_o', bits: 1 },
        { name: 'out_last_o', bits: 1 },
        { name: 'out_data_o', bits: 9 },
      ],
      cycles,
    });
  });
});
