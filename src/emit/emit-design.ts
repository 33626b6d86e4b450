import type { DesignFile, LayerPlan, Plan } from '../ir/plan.ts';
import { emitAxi } from './emit-axi.ts';
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
  return [
    ...emitAxi(plan),
    emitTop(plan),
    emitCopy(plan),
    ...plan.layers.map((layer) => emitStage(layer, lines, plan.axi?.eventBits ?? null)),
  ];
}

function emitStage(
  layer: LayerPlan,
  lines: readonly string[],
  eventBits: number | null,
): DesignFile {
  switch (layer.kind) {
    case 'window':
    case 'max-pool':
      return layer.wired === undefined
        ? emitLayer(layer, lines, eventBits)
        : emitWired(layer, lines, eventBits);
    case 'add':
      return emitAdd(layer, lines, eventBits);
    case 'concat':
      return emitConcat(layer, lines, eventBits);
    case 'winners':
      return emitWinners(layer, lines, eventBits);
  }
}
