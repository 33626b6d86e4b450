import type { Activation } from '../ir/graph.ts';

/** An activation on one real value. */
export function activate(value: number, activation: Activation): number {
  switch (activation.kind) {
    case 'identity':
      return value;
    case 'clip':
      if (activation.lower !== null && value < activation.lower) return activation.lower;
      if (activation.upper !== null && value > activation.upper) return activation.upper;
      return value;
    case 'leaky-relu':
      return value < 0 ? activation.slope * value : value;
  }
}
