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
