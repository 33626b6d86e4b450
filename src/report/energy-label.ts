import { energyQuantities, type EnergyQuantity } from '../estimate/coefficient-draws.ts';
import { energyCategories, type EnergyCategory } from '../estimate/energy-event.ts';

const labels: Readonly<Record<EnergyCategory, string>> = {
  multiply: 'multiply',
  weights: 'weight memory',
  dram: 'external memory',
  accumulate: 'accumulate',
  activations: 'activation memory',
  control: 'control and streams',
  clock: 'clock tree',
  static: 'static power',
};

/** The order categories are shown in; others follow in the order they come. */
export const energyCategoryOrder: readonly string[] = energyCategories;

/** A category of the energy breakdown in words; one of another version keeps its name. */
export function energyLabel(category: string): string {
  const known = energyCategories.find((name) => name === category);
  return known === undefined ? category : labels[known];
}

const quantityLabels: Readonly<Record<EnergyQuantity, string>> = {
  'multiply-dsp': '8-bit multiply in a DSP block',
  'multiply-dsp-wide': 'wide multiply in a DSP block',
  'multiply-lut': 'multiply in LUTs',
  'bram-read': 'block memory access',
  'uram-read': 'UltraRAM access',
  'lutram-bit': 'LUT memory, a bit',
  'lut-toggle': 'LUT toggle',
  'ff-toggle': 'flip-flop toggle',
  'clock-ff-cycle': 'clock of a flip-flop',
  'dram-bit': 'external memory, a bit',
  glitch: 'glitches',
  'static-watts': 'static power',
  'floor-watts': 'board at rest',
};

/** A coefficient in words; one of another version keeps its name. */
export function quantityLabel(quantity: string): string {
  const known = energyQuantities.find((name) => name === quantity);
  return known === undefined ? quantity : quantityLabels[known];
}
