import { ceilDivide, ceilLog2, indexBits } from '../base/bits.ts';
import { present } from '../base/invariant.ts';
import type { EngineLayerPlan, Plan, TailPlan } from '../ir/plan.ts';
import { memoryKind } from '../plan/memories/memory-kinds.ts';
import { readBeats } from '../plan/lower/read-beats.ts';
import { multiplierDsps } from '../plan/resources/datapath.ts';
import type { LayerCircumstances } from './circumstances.ts';
import { toggleShare } from './circumstances.ts';
import type { Ledger } from './ledger.ts';

/** Pooling, requantising and choosing what goes on, and the constants that they read. */
export function countTail(
  ledger: Ledger,
  plan: Plan,
  layer: EngineLayerPlan,
  { activity, oneCopyCycles, board }: LayerCircumstances,
): void {
  const pooled = layer.window.pool.height * layer.window.pool.width;
  const values = (activity.windows / pooled) * layer.slots.length;
  // wired sums are pooled in registers
  if (pooled > 1 && layer.wired === undefined) {
    const visits = activity.windows * layer.slots.length;
    ledger.add('lutram-bit', 'activations', 2 * visits * layer.sumBits);
    ledger.add('lut-toggle', 'activations', toggleShare * visits * layer.sumBits);
  }
  const vectors = activity.windows / pooled;
  countConstants(ledger, plan, layer, { vectors, oneCopyCycles });
  countBuffers(ledger, layer, { vectors, beatsOut: activity.beats, oneCopyCycles });
  if (layer.kind === 'window' && layer.tail.kind !== 'logits') {
    const blocks = multiplierDsps(board.family, layer.sumBits + 1, 17);
    ledger.add('multiply-dsp-wide', 'activations', values * blocks);
    ledger.add(
      'lut-toggle',
      'activations',
      toggleShare * values * comparisons(layer.tail) * layer.output.valueBits,
    );
    if (layer.tail.kind === 'select') {
      // a level of every bit: slot and bit wait for the last beat, then for the winners
      const waits = 2 * (layer.drainBeats + 1) + 4;
      ledger.add('ff-toggle', 'activations', toggleShare * values * layer.output.valueBits * waits);
    }
  }
  ledger.add(
    'ff-toggle',
    'activations',
    toggleShare * values * (layer.sumBits + layer.output.valueBits),
  );
}

interface Vectors {
  readonly vectors: number;
  readonly oneCopyCycles: number;
}

/**
 * What a tail keeps: sums until all words are there; in a histogram a copy of the values for every slot,
 * read again in order, and a coarse and a fine bin a value; packed tokens.
 */
function countBuffers(
  ledger: Ledger,
  layer: EngineLayerPlan,
  { vectors, beatsOut, oneCopyCycles }: Vectors & { readonly beatsOut: number },
): void {
  const { tail, output, outputChannels, sumBits } = layer;
  const { readWidth, engines } = layer.choice;
  const values = vectors * layer.slots.length;
  if (tail.kind === 'logits') ledger.add('lutram-bit', 'activations', 2 * values * sumBits);
  if (tail.kind === 'nonzero' || tail.kind === 'histogram') {
    const packed = beatsOut * output.tokensPerBeat * output.tokenBits;
    ledger.add('lutram-bit', 'activations', 2 * packed);
  }
  if (tail.kind !== 'histogram') return;
  const beats = readBeats(layer);
  ledger.add('lutram-bit', 'activations', 4 * values * ceilLog2(beats + 1));
  ledger.access('activations', {
    kind: memoryKind(present(layer.parameters['BlockTail'], 'BlockTail')),
    reads: vectors * ceilDivide(outputChannels, readWidth) * readWidth,
    writes: vectors * beats * readWidth,
    width: readWidth * output.valueBits,
    depth: 2 * 2 ** indexBits(beats),
    cycles: readWidth * tail.groups * engines * oneCopyCycles,
  });
}

/** With every vector all biases, multipliers and shifts are read, and the order of channels in a histogram. */
function countConstants(
  ledger: Ledger,
  plan: Plan,
  layer: EngineLayerPlan,
  { vectors, oneCopyCycles }: Vectors,
): void {
  for (const { purpose, layer: name, memory, widthBits, depth, instances } of plan.memories) {
    if (name !== layer.name || (purpose !== 'requantise' && purpose !== 'permutation')) continue;
    const reads = vectors * depth;
    if (memory === 'logic') ledger.add('ff-toggle', 'activations', toggleShare * reads * widthBits);
    ledger.access('activations', {
      kind: memory,
      reads,
      writes: 0,
      width: widthBits,
      depth,
      cycles: instances * oneCopyCycles,
    });
  }
}

/**
 * Comparisons of a value in the tail: by insertion with all winners; the histogram adds to one bin, other
 * tails test for 0; selection counts each bit, keeps or drops the slot, and compares with the K-th at the
 * end. Only the unit of its group counts a value.
 */
function comparisons(tail: TailPlan): number {
  if (tail.kind === 'insert') return tail.winners;
  return tail.kind === 'select' ? 4 : 2;
}
