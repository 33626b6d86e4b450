import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/base/diagnostics.ts';
import type { QuantizedGraph, QuantizedLayer, QuantizedWindow } from '../../src/ir/quantized.ts';
import { fitWeights } from '../../src/plan/refit/fit-weights.ts';
import { leaveRoom } from '../../src/plan/search/leave-room.ts';
import {
  imagesInStream,
  loadBeats,
  loadStream,
  partOfStream,
} from '../../src/plan/memories/load-stream.ts';
import { planVariant } from '../../src/plan/planner.ts';
import { readBoard } from '../../src/read/board.ts';
import { diagnosticsOf } from '../support/user-error.ts';
import { loadExample, winnersPerSite } from '../support/example.ts';

const tiny = await loadExample('tiny-cnn');
const board = await readBoard('pynq-z2');
const planned = planVariant(leaveRoom(tiny.graph, 72), 'sparse-sparse', {
  tool: { name: 'nzflow', version: '0' },
  modelSha256: '1',
  board,
  clockMHz: board.clockMHz,
  tokensPerSite: winnersPerSite(tiny.graph),
  targetThroughput: 1000,
});
const { plan } = planned.network;
const context = { modelSha256: '2', maximumBeatBits: board.maximumBeatBits };

/** The network with its first weighted layer (or another) changed. */
function changed(change: (layer: QuantizedWindow) => QuantizedWindow, at = 0): QuantizedGraph {
  const layers = tiny.graph.layers.map((layer, index): QuantizedLayer => {
    return index === at && layer.kind === 'window' ? change(layer) : layer;
  });
  return { ...tiny.graph, layers };
}

/** `place: message` of everything that does not fit. */
function refusals(graph: QuantizedGraph): readonly string[] {
  return diagnosticsOf(() => fitWeights(graph, plan, context)).map(({ place, message, code }) => {
    return `${place ?? ''}: ${message} [${code}]`;
  });
}

describe('the weights of another model in a planned design', () => {
  it('are the same images for the same weights', () => {
    const fitted = fitWeights(tiny.graph, plan, context);
    expect(fitted.images).toEqual(planned.network.images);
    expect(fitted.plan).toEqual({ ...plan, model: { ...plan.model, sha256: '2' } });
  });

  it('change images only: the hardware stays as it is', () => {
    const graph = changed((layer) => ({
      ...layer,
      weights: layer.weights.map((weight) => -weight),
      bias: layer.bias.map((bias) => bias + 1),
    }));
    const fitted = fitWeights(graph, plan, context);
    expect(fitted.plan.load).toEqual(plan.load);
    const hashes = fitted.plan.memories.map(({ sha256 }) => sha256);
    const before = plan.memories.map(({ sha256 }) => sha256);
    const first = plan.memories.filter(({ layer }) => layer === tiny.graph.layers[0]?.name);
    expect(hashes.slice(0, first.length)).not.toEqual(before.slice(0, first.length));
    expect(hashes.slice(first.length)).toEqual(before.slice(first.length));
  });

  it('may have a kernel elsewhere: sets are packed again', () => {
    const graph = changed((layer) => {
      const size = layer.weights.length / layer.bias.length;
      const rotate = <Values extends Int16Array | Float32Array>(values: Values): Values =>
        values.map((_, at) => values[(at + size) % values.length] ?? 0) as Values;
      return {
        ...layer,
        weights: rotate(layer.weights),
        layer: { ...layer.layer, weights: rotate(layer.layer.weights) },
      };
    }, 1);
    const fitted = fitWeights(graph, plan, context).plan;
    const [, before] = plan.layers;
    const [, after] = fitted.layers;
    expect(before?.kind === 'window' && after?.kind === 'window').toBe(true);
    if (before?.kind !== 'window' || after?.kind !== 'window') return;
    expect([...after.slots].sort()).toEqual([...before.slots].sort());
    expect({ ...after, slots: [] }).toEqual({ ...before, slots: [] });
    expect(fitted.load).toEqual(plan.load);
  });

  it('are refused where fields are too narrow, everything at once', () => {
    const [first] = plan.layers;
    const bits = first?.parameters['SumBits'] ?? 0;
    const least = first?.parameters['MinShift'] ?? 0;
    const wide = changed((layer) => ({
      ...layer,
      accumulatorBits: bits + 1,
      bias: layer.bias.map(() => 2 ** bits),
      requantization:
        layer.requantization === null
          ? null
          : {
              ...layer.requantization,
              shift: layer.requantization.shift.map(() => least + 16),
            },
    }));
    const name = tiny.graph.layers[0]?.name ?? '';
    expect(refusals(wide)).toEqual([
      `${name}: sums need ${bits + 1} bits, the design has ${bits} [weights/range]`,
      `${name}: biases need ${bits + 2} bits, the design has ${bits} [weights/range]`,
      `${name}: shifts are ${least + 16} to ${least + 16}, the design has ${least} to ${least + 15} [weights/range]`,
    ]);
  });

  it('are refused where masks are too full, with what the design has', () => {
    const full = changed((layer) => {
      const weights = layer.layer.weights.map(() => 0.5);
      return { ...layer, layer: { ...layer.layer, weights } };
    }, 1);
    const message = refusals(full);
    expect(message).toHaveLength(1);
    expect(message[0]).toMatch(
      /its non-zero weights were not packed into the \d+ sets of the design, up to \d+ kernels a set and 1 word\(s\) an input index \[weights\/masks\]/,
    );
  });

  it('are refused with other formats and other structures', () => {
    const signed = changed((layer) => ({
      ...layer,
      outputRange: { minimum: 0, maximum: 100 },
    }));
    expect(refusals(signed)).toEqual([
      expect.stringMatching(
        /: needs other hardware: parameters\.High is 100, the design has 255 \[weights\/hardware\]$/,
      ),
    ]);
    const strided = changed((layer) => ({
      ...layer,
      layer: { ...layer.layer, stride: { height: 2, width: 1 } },
    }));
    expect(refusals(strided)).toEqual([
      expect.stringMatching(
        /another structure than layer \w+ of the design: window\.stride\.height is 2, the design has 1 \[weights\/structure\]$/,
      ),
    ]);
    const shorter = { ...tiny.graph, layers: tiny.graph.layers.slice(1) };
    expect(() => fitWeights(shorter, plan, context)).toThrow(UserError);
  });
});

describe('a load stream', () => {
  const { load, memories } = plan;
  if (load === undefined) throw new Error('a loadable plan');
  const texts = planned.network.images.map(({ text }) => text);

  it('holds every image, and gives them back', () => {
    const stream = loadStream(load, memories, texts);
    expect(stream.length).toBe(load.beats * 9);
    expect(imagesInStream(load, memories, stream)).toEqual(texts);
  });

  it('of a few images that follow each other is one of its own', () => {
    const stream = loadStream(load, memories, texts);
    const own = memories.slice(1, 3);
    const part = { load: { ...load, beats: loadBeats(own, load.beatBits) }, memories: own };
    const expected = loadStream(part.load, own, texts.slice(1, 3));
    expect(partOfStream({ load, memories }, stream, part, 1)).toEqual(expected);
  });

  it('is known by its structure and ends with its check sum', () => {
    const beats = loadStream(
      { beatBits: 32, beats: 4, structure: 'c0ffee99'.repeat(8) },
      [{ widthBits: 36, depth: 1 }],
      ['923456789\n'],
    );
    const hex = Buffer.from(beats).toString('hex');
    // as zlib has the CRC-32 of 89 67 45 23 09 00 00 00
    expect(hex).toBe('99eeffc0' + '89674523' + '09000000' + hex.slice(-8));
    expect(Buffer.from(beats).readUInt32LE(12)).toBe(0xc3bbb272);
  });
});
