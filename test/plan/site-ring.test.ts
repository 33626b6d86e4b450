import { describe, expect, it } from 'vitest';
import type { StreamPlan, WindowPlan } from '../../src/ir/plan.ts';
import { rowsNeeded, storeParameters } from '../../src/plan/lower/engine-geometry.ts';
import { siteRing } from '../../src/plan/lower/site-ring.ts';
import { denseStream } from '../../src/plan/streams/streams.ts';

const format = { bits: 8, signed: false, scale: 1 };

function pointwise(channels: number, height: number, width: number): WindowPlan {
  const one = { height: 1, width: 1 };
  const map = { height, width };
  return {
    input: { channels, ...map },
    kernel: one,
    dilation: one,
    stride: one,
    padTop: 0,
    padLeft: 0,
    pool: one,
    poolStride: one,
    output: map,
    windows: map,
  };
}

function streamOf({ input }: WindowPlan): StreamPlan {
  return denseStream(input, format, 1);
}

function words(window: WindowPlan, engines: number): number {
  const store = storeParameters(window, streamOf(window), {
    rowsInStore: rowsNeeded(window, engines),
    ultraStore: false,
  });
  return 2 ** (store['AddressBits'] ?? NaN);
}

describe('a ring of sites', () => {
  it.each([
    [512, 28, 28, 1],
    [512, 28, 28, 3],
    [1024, 14, 14, 1],
    [64, 56, 56, 9],
    [256, 1, 40, 2],
  ])('%i channels, %i x %i sites, %i engines: enough of them in less', (...shape) => {
    const [channels, height, width, engines] = shape;
    const window = pointwise(channels, height, width);
    const ring = siteRing(window, streamOf(window), { engines });
    expect(ring.input.height * ring.input.width).toBe(height * width);
    expect(ring.output).toEqual({ height: ring.input.height, width: ring.input.width });
    expect(ring.windows).toEqual(ring.output);
    expect(words(ring, engines)).toBeLessThanOrEqual(words(window, engines) / 2);
    const store = storeParameters(ring, streamOf(window), {
      rowsInStore: rowsNeeded(ring, engines),
      ultraStore: false,
    });
    // the sites of all engines, and some that come in meanwhile
    expect(2 ** (store['RowBits'] ?? 0) * ring.input.width).toBeGreaterThanOrEqual(engines + 5);
  });

  it('is not for windows of several sites, strides, or sites that share a beat', () => {
    const window = pointwise(64, 8, 8);
    const input = streamOf(window);
    const wide = { ...window, kernel: { height: 1, width: 3 } };
    expect(siteRing(wide, input, { engines: 1 })).toBe(wide);
    const strided = { ...window, stride: { height: 2, width: 2 } };
    expect(siteRing(strided, input, { engines: 1 })).toBe(strided);
    const narrow = pointwise(2, 64, 64);
    const shared = denseStream(narrow.input, format, 8);
    expect(shared.sitesPerBeat).toBe(4);
    expect(siteRing(narrow, shared, { engines: 1 })).toBe(narrow);
  });
});
