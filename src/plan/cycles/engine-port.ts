import type { VectorSink } from './tail-timeline.ts';

/** What leaves an engine: its tail, behind a `densify` where the next layer reads dense values. */
export interface EngineOutput {
  readonly tail: VectorSink;
  /** Moves tokens from the tail on as far as is known; whether any moved. */
  advance(): boolean;
  /** The first cycle in which the next beat is offered, were the one before taken long ago. */
  offered(): number;
  /** That beat is taken, `left` more of its site follow. */
  taken(cycle: number, left: number): void;
}
