import { createHash } from 'node:crypto';
import { formatRange } from '../../evaluate/integer.ts';
import type { Packing } from '../../ir/packing.ts';
import type { QuantizedGraph, QuantizedWindow } from '../../ir/quantized.ts';
import type { TrainedPackings } from '../../plan/lower/packing-of-layer.ts';
import type { KnownWires, WiredGraphs } from '../../plan/wired/wired-graph.ts';

/** What a planner finds out about single layers, in the form it takes and gives it. */
export interface LayerFindings {
  readonly trainedPackings: TrainedPackings;
  readonly knownWires: KnownWires;
}

/**
 * What planning found out about layers, for all trials of a process that have the same layer: packings,
 * which depend on the zeros alone, and wired weights, which depend on the integers. A plan is the same
 * with it and without.
 */
export class LayerMemory {
  /** By the weights as trained: all trials with a layer in the same pattern share them. */
  readonly #packings = new WeakMap<Float32Array, Packing>();
  readonly #wires = new Map<string, WiredGraphs>();

  /** What is known of a network's layers. */
  recall({ layers }: QuantizedGraph): LayerFindings {
    const trainedPackings: TrainedPackings = new Map<QuantizedWindow, Packing>();
    const knownWires: KnownWires = new Map<QuantizedWindow, WiredGraphs>();
    for (const layer of layers) {
      if (layer.kind !== 'window') continue;
      const packing = this.#packings.get(layer.layer.weights);
      if (packing !== undefined) trainedPackings.set(layer, packing);
      if (this.#wires.size === 0) continue;
      const wires = this.#wires.get(wireKey(layer));
      if (wires !== undefined) knownWires.set(layer, wires);
    }
    return { trainedPackings, knownWires };
  }

  /** Keeps what planning added. */
  keep({ trainedPackings, knownWires }: LayerFindings): void {
    for (const [layer, packing] of trainedPackings)
      this.#packings.set(layer.layer.weights, packing);
    for (const [layer, wires] of knownWires) this.#wires.set(wireKey(layer), wires);
  }
}

function wireKey({ name, weights, inputFormat }: QuantizedWindow): string {
  const bytes = new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const { minimum, maximum } = formatRange(inputFormat);
  return [name, minimum, maximum, hash].join(' ');
}
