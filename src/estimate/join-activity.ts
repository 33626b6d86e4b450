import { present } from '../base/invariant.ts';
import type { AddLayerPlan, ConcatLayerPlan, WinnersLayerPlan } from '../ir/plan.ts';
import type { LayerCircumstances } from './circumstances.ts';
import { memoryKind } from '../plan/memories/memory-kinds.ts';
import { toggleShare } from './circumstances.ts';
import type { Ledger } from './ledger.ts';

/** Every value of a site is written into a half of `densify` and read; an addition scales both. */
export function countJoin(
  ledger: Ledger,
  layer: AddLayerPlan | ConcatLayerPlan,
  { beatsIn }: LayerCircumstances,
): void {
  const { width } = layer.choice;
  const sites = layer.output.height * layer.output.width;
  layer.inputStreams.forEach((stream, input) => {
    const bits = stream.tokensPerBeat * stream.tokenBits;
    ledger.add('lut-toggle', 'activations', toggleShare * (beatsIn[input] ?? 0) * bits);
    if (layer.kind !== 'add') return;
    const values = sites * Math.ceil(layer.outputChannels / width) * width;
    const moved = stream.kind === 'tokens' ? values * stream.valueBits : 0;
    ledger.add('lutram-bit', 'activations', 2 * moved);
    ledger.add('multiply-dsp-wide', 'activations', values);
    ledger.add('ff-toggle', 'activations', toggleShare * values * (stream.valueBits + 18));
  });
}

/**
 * Every beat of a map is written, read again for the ties and for the winners; every token is
 * counted, by value and once more among the ties; the bins are read once.
 */
export function countMap(
  ledger: Ledger,
  layer: WinnersLayerPlan,
  { beatsIn, oneCopyCycles }: LayerCircumstances,
): void {
  const parameter = (name: string): number => present(layer.parameters[name], name);
  const stream = present(layer.inputStreams[0], 'a k-WTA has an input');
  const width = 1 + stream.countBits + stream.tokensPerBeat * stream.tokenBits;
  const beats = beatsIn[0] ?? 0;
  const readings = parameter('KeepTies') === 1 ? 1 : 2;
  ledger.access('activations', {
    kind: memoryKind(parameter('BlockMemory')),
    reads: readings * beats,
    writes: beats,
    width,
    depth: 2 * parameter('MapBeats'),
    cycles: oneCopyCycles,
  });
  const slots = beats * stream.tokensPerBeat;
  const binBits = Math.ceil(Math.log2(parameter('MapBeats') + 1));
  const bins = stream.tokensPerBeat * 2 ** stream.valueBits;
  ledger.add('lutram-bit', 'activations', 2 * (readings * slots + bins) * binBits);
  ledger.add('lut-toggle', 'activations', toggleShare * readings * slots * stream.tokenBits);
  ledger.add('ff-toggle', 'activations', toggleShare * 3 * slots * stream.tokenBits);
}
