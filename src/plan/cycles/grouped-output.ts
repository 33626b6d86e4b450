import { ceilDivide } from '../../base/bits.ts';
import { invariant } from '../../base/invariant.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { always, at, unknownCycle } from './cycle.ts';
import { DensifyRows } from './densify-rows.ts';
import type { EngineOutput } from './engine-port.ts';
import type { JoinInput } from './join-input.ts';
import { SiteConcat } from './site-concat.ts';
import { unitTimeline, type TailTimeline, type VectorSink } from './tail-timeline.ts';

/** Tokens that the vectors of an engine have in each of several groups of channels. */
export interface GroupTokens {
  readonly vectors: number;
  readonly of: (vector: number, group: number) => number;
}

/**
 * `kwta_groups`: a unit a group takes every vector, their winners are joined; behind it `densify`
 * where the next layer reads dense values.
 */
export class GroupedOutput implements EngineOutput {
  readonly tail: VectorSink;
  readonly #join: SiteConcat;
  readonly #rows: DensifyRows | null;

  constructor(layer: EngineLayerPlan, groups: number, tokens: GroupTokens) {
    const { tokensPerBeat, kind } = layer.output;
    const { tailTokens } = layer.choice;
    const own = layer.outputChannels / groups;
    invariant(Number.isInteger(own), `${layer.name}: ${groups} groups of channels`);
    const units = Array.from({ length: groups }, () => unitTimeline(layer, own));
    this.tail = {
      earliestStart: () => Math.max(...units.map((unit) => unit.earliestStart())),
      push: (lastValue) => {
        for (const unit of units) unit.push(lastValue);
      },
    };
    const sources = units.map((unit, group) => {
      const tokensOfSite = (vector: number): number => tokens.of(vector, group);
      return { input: new UnitBeats(unit, tailTokens, tokensOfSite), tokensOfSite };
    });
    this.#join = new SiteConcat(sources, tailTokens, tokens.vectors);
    const all = Uint16Array.from({ length: tokens.vectors }, (_, vector) =>
      units.reduce((sum, _unit, group) => sum + tokens.of(vector, group), 0),
    );
    const rows = ceilDivide(layer.outputChannels, tokensPerBeat);
    this.#rows = kind === 'dense' ? new DensifyRows(tailTokens, all, rows) : null;
  }

  advance(): boolean {
    let progress = this.#join.advance();
    if (this.#rows === null) return progress;
    for (;;) {
      const offered = this.#join.offered();
      const cycle = offered === unknownCycle ? unknownCycle : this.#rows.take(offered);
      if (cycle === unknownCycle) return progress;
      this.#join.taken(cycle);
      this.#join.advance();
      progress = true;
    }
  }

  offered(): number {
    return (this.#rows ?? this.#join).offered();
  }

  taken(cycle: number): void {
    (this.#rows ?? this.#join).taken(cycle);
  }
}

/** The beats of one unit, as the join sees them. */
class UnitBeats implements JoinInput {
  readonly #unit: TailTimeline;
  readonly #tokensPerBeat: number;
  readonly #tokensOfVector: (vector: number) => number;
  #vector = 0;
  /** Beats of the vector that follow the one taken last. */
  #left = 0;

  constructor(
    unit: TailTimeline,
    tokensPerBeat: number,
    tokensOfVector: (vector: number) => number,
  ) {
    this.#unit = unit;
    this.#tokensPerBeat = tokensPerBeat;
    this.#tokensOfVector = tokensOfVector;
  }

  offered(): number {
    return this.#left > 0 ? always : this.#unit.firstBeat();
  }

  taken(cycle: number): void {
    if (this.#left === 0) {
      const tokens = this.#tokensOfVector(this.#vector);
      this.#left = Math.max(1, ceilDivide(tokens, this.#tokensPerBeat));
      this.#vector += 1;
    }
    this.#left -= 1;
    if (this.#left === 0) this.#unit.give(cycle);
  }
}

/** Those of engine `engine` of `engines` among tokens of every site and group. */
export function groupTokensOf(
  tokens: Uint16Array,
  groups: number,
  engine: number,
  engines: number,
): GroupTokens {
  const sites = tokens.length / groups;
  return {
    vectors: Math.max(0, ceilDivide(sites - engine, engines)),
    of: (vector, group) => at(tokens, (engine + vector * engines) * groups + group),
  };
}
