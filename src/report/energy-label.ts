const labels: ReadonlyMap<string, string> = new Map([
  ['multiply', 'multiply'],
  ['weights', 'weight memory'],
  ['accumulate', 'accumulate'],
  ['activations', 'activation memory'],
  ['control', 'control and streams'],
  ['clock', 'clock tree'],
  ['static', 'static power'],
]);

/** The order categories are shown in; others follow in the order they come. */
export const energyCategoryOrder: readonly string[] = [...labels.keys()];

/** A category of the energy breakdown in words; an unknown one keeps its name. */
export function energyLabel(category: string): string {
  return labels.get(category) ?? category;
}
