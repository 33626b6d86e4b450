import type { IntegerRange } from './quantized.ts';

/** The value of a node times 2^shift, subtracted where negative. */
export interface Term {
  readonly node: number;
  readonly shift: number;
  readonly negative: boolean;
}

/**
 * A value of an adder graph. `add` is a + (b << shift) or a - (b << shift): the low `shift` bits of a
 * pass by. `delay` is the value of a so many steps before; `negate` is -a. Ranges are exact: some
 * input reaches both ends.
 */
export type GraphNode = { readonly range: IntegerRange } & (
  | { readonly kind: 'input'; readonly input: number }
  | {
      readonly kind: 'add';
      readonly a: number;
      readonly b: number;
      readonly shift: number;
      readonly subtract: boolean;
    }
  | { readonly kind: 'delay'; readonly a: number; readonly steps: number }
  | { readonly kind: 'negate'; readonly a: number }
);

/** Sums of constants times inputs as additions. Every node stands behind its operands. */
export interface AdderGraph {
  readonly nodes: readonly GraphNode[];
  /** By output; null: always 0. None is negative. */
  readonly outputs: readonly (Term | null)[];
}

/**
 * An adder graph in registers, one addition a cycle. A delay keeps what its operand is in the stage
 * of the state: all of them change together, once a step.
 */
export interface ScheduledGraph extends AdderGraph {
  /** By node: cycles after those of the inputs in which its value is there. */
  readonly stages: readonly number[];
  /** Stage of the sums with a delayed value, which itself is there one stage before. */
  readonly stateStage: number;
  /** Stage of all outputs. */
  readonly latency: number;
}
