import type { DesignFile, Plan } from '../ir/plan.ts';
import { emitLayer, provenance } from './emit-layer.ts';
import { emitCopy, emitTop } from './emit-top.ts';

/**
 * The generated Verilog of a design. Templates and memory images are added by the caller, which
 * has them as files. Deterministic: the same plan gives the same bytes.
 */
export function emitDesign(plan: Plan): readonly DesignFile[] {
  const lines = provenance(plan);
  return [emitTop(plan), emitCopy(plan), ...plan.layers.map((layer) => emitLayer(layer, lines))];
}
