import type { IntegerRange } from './quantized.ts';

/** The value of a node times 2^shift, subtracted where negative. */
export interface Term {
  readonly node: number;
  readonly shift: number;
  readonly negative: boolean;
}

/**
 * A value of an adder graph. `add` is the sum of two or three terms; `result` that of one or two,
 * which outputs are made of: it is in two's complement, all other values are kept as numbers from an
 * offset on (`plan/wired/offset-form.ts`). `delay` is the value of a so many steps before. Ranges are
 * exact: some input reaches both ends.
 */
export type GraphNode = { readonly range: IntegerRange } & (
  | { readonly kind: 'input'; readonly input: number }
  | { readonly kind: 'add' | 'result'; readonly terms: readonly Term[] }
  | { readonly kind: 'delay'; readonly a: number; readonly steps: number }
);

/** Sums of constants times inputs as additions. Every node stands behind its operands. */
export interface AdderGraph {
  readonly nodes: readonly GraphNode[];
  /** By output: a result, or a delay of one, that is not negative; null: always 0. */
  readonly outputs: readonly (Term | null)[];
}

/**
 * An adder graph in registers, one addition a cycle. A delay keeps what its operand is in the stage
 * of the state: all of them change together, once a step.
 */
export interface ScheduledGraph extends AdderGraph {
  /** By node: cycles after those of the inputs in which its value is there. */
  readonly stages: readonly number[];
  /** Stage of the sums with a delayed value, which itself is there one stage before; of all outputs. */
  readonly latency: number;
}
