import { hasEngines } from '../ir/plan.ts';
import type { LayerPlan } from '../ir/plan.ts';

/** Bits of the load bus beside the data: write, image, part, address. */
export const loadControlBits = 57;

/** Bits of a load beat that a layer takes; null where it has nothing that is loaded. */
export function layerLoadBits(layer: LayerPlan): number | null {
  return hasEngines(layer) ? (layer.parameters['LoadBits'] ?? null) : null;
}

/** Port of the load bus; nothing in a design of fixed weights. */
export function loadPort(loadBits: number | null): string {
  return loadBits === null ? '' : `  input  wire [${busBits(loadBits) - 1}:0] load_i,\n`;
}

/** A register on the way of the load bus: it goes a long way, and nobody waits for it. */
export function loadRegister(loadBits: number | null): string {
  if (loadBits === null) return '';
  const top = busBits(loadBits) - 1;
  return `  // not reset: words come while rst_ni is low
  reg [${top}:0] load_q;
  always @(posedge clk_i) load_q <= load_i;

`;
}

function busBits(loadBits: number): number {
  return loadControlBits + loadBits;
}
