import { describe, expect, it } from 'vitest';
import { parseDefinition } from '../../src/explore/definition.ts';
import { diagnosticsOf } from '../support/user-error.ts';

const good = `model: m.onnx
calibrate: c.npy
inputs: /data/x.npy
labels: y.npy
budget: { trials: 3 }
parameters:
  setSize.c2: { type: integer, low: 2, high: 8, when: { pattern: complementary } }
  pattern: { type: categorical, values: [unstructured, complementary] }
  density: { type: log, low: 0.1, high: 1 }
  board: zcu104
metrics:
  accuracy: { goal: maximise, threshold: ">= 95 %" }
  energy: { goal: minimise, threshold: "<= 4 uJ" }
  nonZeros: { threshold: "<= 1000" }
tasks:
  - { name: few, cost: 0.1, samples: 0.1 }
  - { name: all, cost: 1 }
`;

const without = (line: RegExp, instead = ''): string => good.replace(line, instead);

describe('explore.yaml', () => {
  it('is read: parameters after those they depend on, thresholds in units, paths from its folder', () => {
    const { problem, constants, document } = parseDefinition('some/explore.yaml', good);
    expect(problem.space.parameters.map(({ name }) => name)).toEqual([
      'pattern',
      'density',
      'setSize.c2',
    ]);
    expect(problem.space.parameters[1]?.domain).toEqual({
      kind: 'real',
      low: 0.1,
      high: 1,
      log: true,
    });
    expect(constants).toEqual(new Map([['board', 'zcu104']]));
    expect(problem.metrics.map(({ threshold }) => threshold)).toEqual([
      { comparison: '>=', value: 0.95 },
      { comparison: '<=', value: 4 },
      { comparison: '<=', value: 1000 },
    ]);
    expect(document.model).toBe('some/m.onnx');
    expect(document.inputs).toBe('/data/x.npy');
    expect(document.optimiser).toEqual({ method: 'tree-parzen', levels: 3, lag: 8 });
  });

  it('is one document, not all that `best` has printed', () => {
    const found = diagnosticsOf(() => parseDefinition('best.yaml', `${good}\n---\n${good}`));
    expect(found).toMatchObject([
      { code: 'explore/not-yaml', place: 'best.yaml:19:1', remedy: 'keep one of them' },
    ]);
  });

  it.each([
    ['an unknown metric', without(/accuracy:/, 'acuracy:'), 'there is no metric "acuracy"'],
    ['a threshold of nonsense', without(/>= 95 %/, '>= much'), 'it needs a figure'],
    ['a threshold of another unit', without(/<= 4 uJ/, '<= 4 us'), 'energy has no unit "us"'],
    ['limits the wrong way round', without(/low: 0.1/, 'low: 2'), 'low is above high'],
    ['a logarithm of nothing', without(/low: 0.1/, 'low: 0'), 'a logarithm needs a low above 0'],
    ['a value twice', without(/\[unstructured, /, '[complementary, '), 'a value stands twice'],
    [
      'a condition on nothing',
      without(/when: \{ pattern/, 'when: { patern'),
      'there is no parameter "patern"',
    ],
    [
      'a condition that never holds',
      without(/: complementary \}/, ': dense }'),
      'pattern is never dense',
    ],
    ['tasks that get cheaper', without(/cost: 0.1/, 'cost: 2'), 'tasks go from cheap to costly'],
    ['two tasks of a name', without(/name: few/, 'name: all'), 'there are two tasks "all"'],
    [
      'training without classes',
      without(/cost: 1 \}/, 'cost: 1, finetune: 2 }'),
      'training needs the classes',
    ],
    ['no goal', without(/goal: \w+, /g), 'none is to be maximised or minimised'],
    ['no budget', without(/\{ trials: 3 \}/, '{}'), 'give cost, trials or minutes'],
    ['an unknown key', without(/budget:/, 'seeed: 1\nbudget:'), 'unknown key "seeed"'],
    ['what is no YAML', '{', ''],
  ])('refuses %s', (_, text, message) => {
    const diagnostics = diagnosticsOf(() => parseDefinition('explore.yaml', text));
    expect(diagnostics.map((one) => one.message).join('\n')).toContain(message);
    expect(diagnostics[0]?.place).toContain('explore.yaml');
  });

  it('refuses parameters that wait for each other', () => {
    const text = good.replace(
      'pattern: { type: categorical, values: [unstructured, complementary] }',
      'pattern: { type: categorical, values: [unstructured, complementary], when: { setSize.c2: 3 } }',
    );
    const messages = diagnosticsOf(() => parseDefinition('explore.yaml', text)).map(
      (one) => one.message,
    );
    expect(messages.filter((one) => one === 'it depends on itself')).toHaveLength(2);
  });
});
