import { describe, expect, it } from 'vitest';
import { variantNames } from '../../../src/ir/variant.ts';
import { hasEngines } from '../../../src/ir/plan.ts';
import type { VariantName } from '../../../src/ir/variant.ts';
import { loadCase } from '../../support/load-case.ts';
import { runLoads } from './load-bench.ts';

const count = Number(process.env['NZFLOW_NETWORKS'] ?? 1);
const first = Number(process.env['NZFLOW_SEED'] ?? 1);
const drawn = Array.from({ length: count }, (_, index) => first + index).flatMap((seed) =>
  variantNames.map((variant): readonly [number, VariantName] => [seed, variant]),
);
/** A k-WTA by histogram, whose order is loaded too. */
const cases: typeof drawn = [...drawn, [9, 'dense']];

describe('weights loaded in Icarus', () => {
  it.each(cases)('seed %i, %s: one model, then another, gaps everywhere', (seed, variant) => {
    const { samples, first: one, second: other } = loadCase(seed, variant, seed % 2 ? 32 : 72);
    expect(one.logits).not.toEqual(other.logits);
    const run = runLoads(
      one.network,
      [...samples, ...samples, ...samples],
      [
        { after: 0, stream: one.stream },
        { after: samples.length, stream: other.stream },
        { after: 2 * samples.length, stream: one.stream },
      ],
      seed,
    );
    expect(run.words).toEqual([...one.logits, ...other.logits, ...one.logits]);
  });

  it('takes a beat a cycle, and no inference before all words are there', () => {
    const { samples, first: one } = loadCase(3, 'sparse-sparse', 72);
    const run = runLoads(one.network, samples, [{ after: 0, stream: one.stream }], null);
    expect(run.words).toEqual(one.logits);
    expect(run.events).toEqual(['loaded=1 error=0 sent=0']);
    // a cycle to leave the idle state
    expect(run.loadCycles).toBe(1 + (one.network.plan.load?.beats ?? 0));
  });
});

describe('memories in UltraRAM', () => {
  it('are loaded and computed with like all others', () => {
    const { samples, first: one } = loadCase(5, 'sparse-sparse', 72);
    const { plan, images } = one.network;
    const layers = plan.layers.map((layer) => {
      if (!hasEngines(layer)) return layer;
      const ultra = { BlockStore: 2, ...(layer.kind === 'window' ? { BlockWeights: 2 } : {}) };
      return { ...layer, parameters: { ...layer.parameters, ...ultra } };
    });
    const run = runLoads(
      { plan: { ...plan, layers }, images },
      samples,
      [{ after: 0, stream: one.stream }],
      3,
    );
    expect(run.words).toEqual(one.logits);
  });
});

describe('a load that is refused', () => {
  const { samples, first: one, second: other } = loadCase(4, 'sparse-sparse', 72);
  const sent = samples.length;
  const beatBytes = 9;
  const changed = (at: number): Uint8Array =>
    other.stream.map((byte, index) => (index === at ? byte ^ 1 : byte));

  it('is damaged or of the wrong length: no inference until one is complete', () => {
    const bad: readonly Uint8Array[] = [
      other.stream.subarray(0, other.stream.length - beatBytes),
      other.stream.subarray(0, beatBytes * 7),
      Uint8Array.from([...other.stream, ...other.stream.subarray(0, 3 * beatBytes)]),
      changed(beatBytes * 5),
      changed(other.stream.length - beatBytes),
    ];
    const run = runLoads(
      one.network,
      [...samples, ...samples],
      [one.stream, ...bad, other.stream].map((stream, index) => {
        return { after: index === 0 ? 0 : sent, stream };
      }),
      null,
    );
    expect(run.words).toEqual([...one.logits, ...other.logits]);
    expect(run.events).toEqual([
      'loaded=1 error=0 sent=0',
      `loaded=0 error=0 sent=${sent}`,
      `loaded=0 error=1 sent=${sent}`,
      // the next right header takes the error back
      ...bad
        .slice(1)
        .flatMap(() => [`loaded=0 error=0 sent=${sent}`, `loaded=0 error=1 sent=${sent}`]),
      `loaded=0 error=0 sent=${sent}`,
      `loaded=1 error=0 sent=${sent}`,
    ]);
  });

  it('is of another structure or empty: what was loaded before stays in force', () => {
    const run = runLoads(
      one.network,
      [...samples, ...samples],
      [one.stream, changed(0), other.stream.subarray(0, beatBytes)].map((stream, index) => {
        return { after: index === 0 ? 0 : sent, stream };
      }),
      5,
    );
    expect(run.words).toEqual([...one.logits, ...one.logits]);
    expect(run.events).toEqual(['loaded=1 error=0 sent=0', `loaded=1 error=1 sent=${sent}`]);
  });
});
