import { hasEngines } from '../../src/ir/plan.ts';
import type { EngineLayerPlan, LayerPlan } from '../../src/ir/plan.ts';
import { groupsOf } from '../../src/plan/lower/lower-tail.ts';

/** Kinds of units that a plan can have, and how one is told in a layer. */
const kinds: Readonly<Record<string, (layer: LayerPlan) => boolean>> = {
  'sparse lanes in lockstep': engines((layer) => is(layer, 'sparse') && layer.choice.queues === 0),
  'lanes with queues': engines((layer) => layer.choice.queues > 0),
  'lanes that share the channels': engines((layer) => layer.choice.channelLanes),
  'dense core': engines((layer) => is(layer, 'dense')),
  'wired weights': engines((layer) => is(layer, 'wired')),
  'max-pooling': engines((layer) => is(layer, 'max')),
  'several engines and their merge': engines((layer) => layer.choice.engines > 1),
  'drain beats in parts': engines((layer) => layer.choice.readWidth < layer.choice.drainWidth),
  'pooled sums': engines((layer) => layer.window.pool.height * layer.window.pool.width > 1),
  'k-WTA by insertion': engines((layer) => tailIs(layer, 'insert', 1)),
  'k-WTA by histogram': engines((layer) => tailIs(layer, 'histogram', 1)),
  'k-WTA in groups': engines((layer) => groupsOf(layer.tail) > 1),
  'non-zero values': engines((layer) => tailIs(layer, 'nonzero', 1)),
  'sums as answers': engines((layer) => tailIs(layer, 'logits', 1)),
  'tokens made dense': engines((layer) => layer.output.kind === 'dense'),
  LeakyReLU: engines((layer) => layer.parameters['Leaky'] === 1),
  'weights in block memory': engines((layer) => layer.parameters['BlockWeights'] === 1),
  'weights in LUT memory': engines((layer) => layer.parameters['BlockWeights'] === 0),
  'stores in block memory': engines((layer) => layer.parameters['BlockStore'] === 1),
  'stores in LUT memory': engines((layer) => layer.parameters['BlockStore'] === 0),
  'stores in UltraRAM': engines((layer) => layer.parameters['BlockStore'] === 2),
  'loaded weights': engines((layer) => layer.parameters['LoadBits'] !== undefined),
  additions: (layer) => layer.kind === 'add',
  concatenations: (layer) => layer.kind === 'concat',
  'k-WTA over a map': (layer) => layer.kind === 'winners',
};

function engines(test: (layer: EngineLayerPlan) => boolean): (layer: LayerPlan) => boolean {
  return (layer) => hasEngines(layer) && test(layer);
}

function is(layer: EngineLayerPlan, core: EngineLayerPlan['choice']['core']): boolean {
  return layer.choice.core === core;
}

function tailIs(layer: EngineLayerPlan, kind: string, groups: number): boolean {
  return layer.tail.kind === kind && groupsOf(layer.tail) === groups;
}

/** By kind: how many of the layers have such a unit. */
export function countKinds(layers: readonly LayerPlan[]): ReadonlyMap<string, number> {
  return new Map(Object.entries(kinds).map(([name, test]) => [name, layers.filter(test).length]));
}
