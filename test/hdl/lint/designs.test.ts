import { readdirSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { variantNames } from '../../../src/ir/variant.ts';
import { quantizeGraph } from '../../../src/passes/quantize.ts';
import type { PlannedNetwork } from '../../../src/plan/plan-network.ts';
import { withAxi } from '../../../src/plan/interfaces/plan-axi.ts';
import { planVariant } from '../../../src/plan/planner.ts';
import { readBoard } from '../../../src/read/board.ts';
import { readExample } from '../../evaluate/example.ts';
import { writeDesign } from '../../support/icarus.ts';
import { loadCase } from '../../support/load-case.ts';
import { randomCase, randomWiredCase } from '../../support/random-case.ts';
import { streamedCase } from '../../support/streamed-case.ts';
import { icarusLoad, verilatorLint, yosysLoad } from './tools.ts';

const seeds = (process.env['NZFLOW_LINT_SEEDS'] ?? '7,22').split(',').map(Number);
const random = seeds.flatMap((seed) => variantNames.map((variant) => ({ seed, variant })));

/** What the tools have to say about a complete design. */
function lintDesign(network: PlannedNetwork, top = 'nzflow_top'): Readonly<Record<string, string>> {
  const folder = writeDesign(network);
  try {
    const files = readdirSync(folder).filter((name) => name.endsWith('.v'));
    return {
      verilator: verilatorLint(folder, top, files),
      icarus: icarusLoad(folder, top, files),
      yosys: yosysLoad(folder, top, files),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The network with `nzflow_axi` around it. */
function withBus(network: PlannedNetwork, dataBits: number): PlannedNetwork {
  return { ...network, plan: withAxi(network.plan, dataBits) };
}

const silent = { verilator: '', icarus: '', yosys: '' };

describe('generated designs are accepted by every tool without a warning', () => {
  it.each(random)('random network, seed $seed, $variant', ({ seed, variant }) => {
    const { network, choice } = randomCase(seed, variant, 1);
    expect(lintDesign(network), JSON.stringify(choice)).toEqual(silent);
  });

  it.each([1, 8])('network with wired layers, seed %i', (seed) => {
    const { network, choice } = randomWiredCase(seed, 'sparse-dense', 1);
    expect(lintDesign(network), JSON.stringify(choice)).toEqual(silent);
  });

  it('with a load stream', () => {
    // a k-WTA by histogram: weights, parameters and an order are loaded
    const { first } = loadCase(9, 'dense', 72);
    const { memories } = first.network.plan;
    expect(new Set(memories.map(({ purpose }) => purpose)).size).toBe(3);
    expect(lintDesign(first.network)).toEqual(silent);
  });

  it('with streamed weights: words of several layers, of several beats', () => {
    const streaming = { layers: [0, 1, 2], beatBits: 32, rate: { beats: 1, cycles: 1 } };
    const { network } = streamedCase(12, { ...streaming, samples: 1 });
    const sections = network.plan.weightStream?.sections ?? [];
    expect(new Set(sections.map(({ beatsPerWord }) => beatsPerWord)).size).toBeGreaterThan(1);
    expect(lintDesign(network)).toEqual(silent);
  });

  it.each([
    [7, 'sparse-sparse', 8],
    [22, 'dense', 128],
    [22, 'sparse-dense', 1024],
  ] as const)('with bus interfaces: seed %i, %s, %i bits', (seed, variant, dataBits) => {
    const { network } = randomCase(seed, variant, 1);
    expect(lintDesign(withBus(network, dataBits), 'nzflow_axi')).toEqual(silent);
  });

  it('with bus interfaces: wired layers', () => {
    const { network } = randomWiredCase(1, 'sparse-dense', 1);
    expect(lintDesign(withBus(network, 32), 'nzflow_axi')).toEqual(silent);
  });

  it('with bus interfaces: a load stream', () => {
    const { first } = loadCase(9, 'dense', 72);
    expect(lintDesign(withBus(first.network, 64), 'nzflow_axi')).toEqual(silent);
  });

  it('with bus interfaces: streamed weights', () => {
    const streaming = { layers: [0, 1, 2], beatBits: 32, rate: { beats: 1, cycles: 1 } };
    const { network } = streamedCase(12, { ...streaming, samples: 1 });
    expect(lintDesign(withBus(network, 64), 'nzflow_axi')).toEqual(silent);
  });

  it.each(variantNames)('tiny-cnn, %s', async (variant) => {
    const example = await readExample('tiny-cnn');
    const { graph } = quantizeGraph(example.graph, example.calibration);
    const board = await readBoard('arty-a7-35t');
    const { network } = planVariant(graph, variant, {
      tool: { name: 'nzflow', version: '0' },
      modelSha256: '0',
      board,
      clockMHz: board.clockMHz,
      tokensPerSite: graph.layers.map(() => 4),
      targetThroughput: 20_000,
    });
    expect(lintDesign(network), JSON.stringify(network.plan.layers.map((l) => l.choice))).toEqual(
      silent,
    );
  });
});
