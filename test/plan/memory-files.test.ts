import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { emitLayer } from '../../src/emit/emit-layer.ts';
import { hasEngines } from '../../src/ir/plan.ts';
import { fileParameter } from '../../src/plan/memories/memory-files.ts';
import { randomPointwiseCase, randomQueueCase } from '../support/random-case.ts';

const template = new URL('../../hdl-templates/window_engine.v', import.meta.url);

describe('names of memory images in Verilog', () => {
  it('are no longer for many memories than for one', () => {
    const names = ['layer01_weights0000.mem', 'layer01_weights0001.mem'];
    expect(fileParameter('WeightFile', names)).toBe('"layer01_weights"');
    expect(fileParameter('PointerFile', names.slice(0, 1))).toBe('"layer01_weights"');
    expect(fileParameter('PermFile', ['a.mem', 'b.mem'])).toBe('{"a.mem", "b.mem"}');
  });

  it('never end in what the template has for none: Verilator 5.006 takes such a name for unchanged', () => {
    const defaults = new Map(
      Array.from(
        readFileSync(template, 'utf8').matchAll(/^ {2}parameter (\w+) = "(.*)"/gm),
        ([, name = '', text = '']) => [name, text],
      ),
    );
    expect(defaults.size).toBe(5);
    const found = new Set<string>();
    for (let seed = 1; seed <= 60; seed += 1) {
      const cases = [randomQueueCase, randomPointwiseCase].map((draw) =>
        draw(seed, 'sparse-sparse', 1),
      );
      for (const layer of cases.flatMap(({ network }) => network.plan.layers)) {
        if (!hasEngines(layer)) continue;
        const { content } = emitLayer(layer, []);
        for (const [, name = '', text = ''] of content.matchAll(/\.(\w+)\("(.*?)"\)/g)) {
          found.add(name);
          if (text !== 'none.mem') expect(text.endsWith(defaults.get(name) ?? '')).toBe(false);
        }
      }
    }
    expect([...found].sort()).toEqual([...defaults.keys()].sort());
  });
});
