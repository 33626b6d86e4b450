import { describe, expect, it } from 'vitest';
import { identityActivation, reluActivation, type Activation } from '../../src/ir/graph.ts';
import { composeActivations } from '../../src/passes/compose-activations.ts';

function apply(activation: Activation, x: number): number {
  switch (activation.kind) {
    case 'identity':
      return x;
    case 'clip':
      return Math.min(activation.upper ?? Infinity, Math.max(activation.lower ?? -Infinity, x));
    case 'leaky-relu':
      return x < 0 ? activation.slope * x : x;
  }
}

const all: readonly Activation[] = [
  identityActivation,
  reluActivation,
  { kind: 'clip', lower: 0, upper: 2 },
  { kind: 'clip', lower: -1, upper: 1 },
  { kind: 'clip', lower: null, upper: 1.5 },
  { kind: 'clip', lower: -0.5, upper: null },
  { kind: 'leaky-relu', slope: 0.25 },
  { kind: 'leaky-relu', slope: 2 },
];
const pairs = all.flatMap((first) => all.map((second) => [first, second] as const));

describe('two activations in a row', () => {
  it('are one that does the same, or none', () => {
    const points = Array.from({ length: 81 }, (_, index) => (index - 40) / 10);
    let merged = 0;
    for (const [first, second] of pairs) {
      const both = composeActivations(first, second);
      if (both === null) continue;
      merged += 1;
      for (const x of points)
        expect(apply(both, x)).toBeCloseTo(apply(second, apply(first, x)), 12);
    }
    expect(merged).toBe(52);
  });

  it('are none where a LeakyReLU meets a bound below 0 or above it alone', () => {
    const leaky: Activation = { kind: 'leaky-relu', slope: 0.25 };
    expect(composeActivations(leaky, { kind: 'clip', lower: -1, upper: 1 })).toBeNull();
    expect(composeActivations({ kind: 'clip', lower: null, upper: 1 }, leaky)).toBeNull();
    expect(composeActivations(leaky, reluActivation)).toEqual(reluActivation);
  });
});
