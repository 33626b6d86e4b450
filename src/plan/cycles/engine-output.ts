import { ceilDivide } from '../../base/bits.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { groupsOf } from '../lower/lower-tail.ts';
import { always, at, unknownCycle } from './cycle.ts';
import type { EngineOutput } from './engine-port.ts';
import { GroupedOutput, groupTokensOf } from './grouped-output.ts';
import type { LayerWork } from './layer-work.ts';
import { unitTimeline, type TailTimeline } from './tail-timeline.ts';

const ring = 3;

/** The output of an engine, which computes every so manyth site. */
export function engineOutput(
  layer: EngineLayerPlan,
  { outputTokens, groupTokens }: Pick<LayerWork, 'outputTokens' | 'groupTokens'>,
  engine: number,
): EngineOutput {
  const { engines } = layer.choice;
  const groups = groupsOf(layer.tail);
  if (groups > 1) {
    return new GroupedOutput(layer, groups, groupTokensOf(groupTokens, groups, engine, engines));
  }
  const tail = unitTimeline(layer, layer.outputChannels);
  const tokensOfVector = (vector: number): number => at(outputTokens, engine + vector * engines);
  return layer.output.kind === 'dense'
    ? new DensifiedOutput(layer, tail, tokensOfVector)
    : new TokenOutput(tail);
}

class TokenOutput implements EngineOutput {
  readonly tail: TailTimeline;
  #begun = false;

  constructor(tail: TailTimeline) {
    this.tail = tail;
  }

  advance(): boolean {
    return false;
  }

  offered(): number {
    return this.#begun ? always : this.tail.firstBeat();
  }

  taken(cycle: number, left: number): void {
    this.#begun = left > 0;
    if (left === 0) this.tail.give(cycle);
  }
}

/** `densify`: two halves, one filled by the tail while the other is given out. */
class DensifiedOutput implements EngineOutput {
  readonly tail: TailTimeline;
  readonly #tokensOfVector: (vector: number) => number;
  readonly #tokensPerBeat: number;
  readonly #rows: number;
  /** Of a site: the first cycle in which its first beat can be offered. */
  readonly #full = new Float64Array(4).fill(always);
  /** Of a site: the last beat but one is taken. */
  readonly #nearlyGiven = new Float64Array(4).fill(always);
  readonly #given = new Float64Array(4).fill(always);
  #lastToken = always;
  #filled = 0;
  #gone = 0;
  #begun = false;

  constructor(
    layer: EngineLayerPlan,
    tail: TailTimeline,
    tokensOfVector: (vector: number) => number,
  ) {
    this.tail = tail;
    this.#tokensOfVector = tokensOfVector;
    this.#tokensPerBeat = layer.choice.tailTokens;
    this.#rows = ceilDivide(layer.outputChannels, layer.output.tokensPerBeat);
  }

  /** When the half of a site is free again: its last beat is in the output register. */
  #freed(site: number): number {
    if (this.#rows > 1) return at(this.#nearlyGiven, site & ring) + 1;
    return Math.max(at(this.#full, site & ring), at(this.#given, (site - 1) & ring) + 1);
  }

  advance(): boolean {
    const before = this.#filled;
    for (;;) {
      const first = Math.max(
        this.tail.firstBeat(),
        this.#lastToken + 1,
        this.#freed(this.#filled - 2),
      );
      if (first === unknownCycle) return this.#filled > before;
      const beats = ceilDivide(this.#tokensOfVector(this.#filled), this.#tokensPerBeat);
      this.#lastToken = first + Math.max(1, beats) - 1;
      this.tail.give(this.#lastToken);
      this.#full[this.#filled & ring] = this.#lastToken + 2;
      this.#nearlyGiven[this.#filled & ring] = unknownCycle;
      this.#given[this.#filled & ring] = unknownCycle;
      this.#filled += 1;
    }
  }

  offered(): number {
    if (this.#begun) return always;
    return this.#gone < this.#filled ? at(this.#full, this.#gone & ring) : unknownCycle;
  }

  taken(cycle: number, left: number): void {
    this.#begun = left > 0;
    if (left === 1) this.#nearlyGiven[this.#gone & ring] = cycle;
    if (left === 0) {
      this.#given[this.#gone & ring] = cycle;
      this.#gone += 1;
    }
  }
}
