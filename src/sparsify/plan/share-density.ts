/** Sizes of a layer that compete for weights. */
export interface LayerSize {
  /** Weights of all kernels. */
  readonly weights: number;
  /** Sum of the lengths of the weights' axes: kernels, channels, rows, columns. */
  readonly lengths: number;
}

/**
 * The densities of the layers when `density` of all weights stays: in each layer in proportion to the
 * sum of the lengths of its axes over their product (Erdős-Rényi kernel: Evci et al. 2020), so that
 * small layers keep more, up to all. Their weights together are `density` of all of them.
 */
export function shareDensity(layers: readonly LayerSize[], density: number): readonly number[] {
  const total = layers.reduce((sum, layer) => sum + layer.weights, 0);
  const full = new Set<LayerSize>();
  for (;;) {
    const kept = layers.reduce((sum, layer) => sum + (full.has(layer) ? layer.weights : 0), 0);
    const open = layers.filter((layer) => !full.has(layer));
    const lengths = open.reduce((sum, layer) => sum + layer.lengths, 0);
    const scale = lengths === 0 ? 0 : Math.max(0, density * total - kept) / lengths;
    const overfull = open.filter((layer) => scale * layer.lengths >= layer.weights);
    if (overfull.length === 0) {
      return layers.map((layer) => (full.has(layer) ? 1 : (scale * layer.lengths) / layer.weights));
    }
    overfull.forEach((layer) => full.add(layer));
  }
}
