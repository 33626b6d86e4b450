import { describe, expect, it } from 'vitest';
import { checkParameters, trialSettings } from '../../src/explore/evaluate/trial-settings.ts';
import type { ParameterValue } from '../../src/explore/space.ts';
import { lowerModel } from '../../src/passes/lower.ts';
import { readOnnxModel } from '../../src/read/onnx.ts';
import { examplePath } from '../support/example.ts';
import { diagnosticsOf } from '../support/user-error.ts';

const graph = lowerModel(await readOnnxModel(examplePath('tiny-cnn', 'model.onnx')));
const board = ['board', 'arty-a7-35t'] as const;

function check(...constants: readonly (readonly [string, ParameterValue])[]): void {
  checkParameters(graph, { parameters: [] }, new Map([board, ...constants]), 'e.yaml');
}

describe('parameters of the circuit', () => {
  it('limit copies and choose units, of all layers or of one', () => {
    const constants = new Map<string, ParameterValue>([board, ['unit', 'lockstep']]);
    const point = new Map<string, ParameterValue>([
      ['copies', 3],
      ['unit.c1', 'wired'],
      ['unit.c2', 'any'],
    ]);
    const { mostCopies, units } = trialSettings(graph, constants, point);
    expect(mostCopies).toBe(3);
    expect(Object.fromEntries(units)).toEqual({ c1: 'wired', l1: 'lockstep', l2: 'lockstep' });
  });

  it('leave both to the planner where nothing is said', () => {
    const { mostCopies, units } = trialSettings(graph, new Map([board]), new Map());
    expect([mostCopies, units.size]).toEqual([null, 0]);
  });

  it.each([
    ['copies', 0, 'it is an integer from 1 to 256'],
    ['unit.c1', 'wires', 'it is one of: any, lockstep, queues, wired'],
    ['unit.pool', 'wired', null],
  ] as const)('are refused: %s of %s', (name, value, remedy) => {
    const [found] = diagnosticsOf(() => {
      check([name, value]);
    });
    expect(found?.place).toBe(`e.yaml: parameters.${name}`);
    if (remedy !== null) expect(found?.remedy).toBe(remedy);
  });
});
