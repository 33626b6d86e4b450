/** The three accelerators that are built from one network, in order of presentation. */
export const variantNames = ['dense', 'sparse-dense', 'sparse-sparse'] as const;
export type VariantName = (typeof variantNames)[number];
