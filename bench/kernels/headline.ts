import { inLockstep } from '../../src/plan/search/candidates.ts';
import type { LayerChoice } from '../../src/ir/plan.ts';
import type { VariantName } from '../../src/ir/variant.ts';
import type { Kernel, Sparsity } from './kernel.ts';

/** The fully connected layer of the keyword network, 95 % of its weights and 87.5 % of its inputs 0. */
export const headlineKernel: Kernel = {
  name: 'linear 1600x1500, 95 % / 87.5 % zeros, k-WTA',
  input: { channels: 64, height: 5, width: 5 },
  side: 5,
  padded: false,
  outputs: 1500,
};

export const headlineSparsity: Sparsity = { weights: 20, activations: 8, masks: 'complementary' };

/** One output in ten goes on. */
export const headlineWinners = 150;

const common = {
  engines: 1,
  lanes: 1,
  values: 1,
  setsParallel: 75,
  ...inLockstep,
  drainWidth: 15,
  readWidth: 16,
  tailTokens: 8,
} as const;

const sparse = {
  choice: { ...common, core: 'sparse', inputTokens: 8 },
  outputTokens: 8,
} as const;

/** 75 multipliers each: 75 outputs at once, or 75 sets of 20 kernels. */
export const headlineChoices: Readonly<
  Record<VariantName, { readonly choice: LayerChoice; readonly outputTokens: number }>
> = {
  dense: { choice: { ...common, core: 'dense', inputTokens: 1 }, outputTokens: 8 },
  'sparse-dense': sparse,
  'sparse-sparse': sparse,
};
