import type { DesignFile, LayerPlan, Plan } from '../ir/plan.ts';
import { emitCopy } from './emit-copy.ts';
import { emitAdd, emitConcat } from './emit-join.ts';
import { emitLayer } from './emit-layer.ts';
import { emitWinners } from './emit-winners.ts';
import { emitWired } from './emit-wired.ts';
import { emitTop } from './emit-top.ts';
import { provenance } from './provenance.ts';

/**
 * The generated Verilog of a design. Templates and memory images are added by the caller, which
 * has them as files. Deterministic: the same plan gives the same bytes.
 */
export function emitDesign(plan: Plan): readonly DesignFile[] {
  const lines = provenance(plan);
  return [emitTop(plan), emitCopy(plan), ...plan.layers.map((layer) => emitStage(layer, lines))];
}

function emitStage(layer: LayerPlan, lines: readonly string[]): DesignFile {
  switch (layer.kind) {
    case 'window':
    case 'max-pool':
      return layer.wired === undefined ? emitLayer(layer, lines) : emitWired(layer, lines);
    case 'add':
      return emitAdd(layer, lines);
    case 'concat':
      return emitConcat(layer, lines);
    case 'winners':
      return emitWinners(layer, lines);
  }
}
