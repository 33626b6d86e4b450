import { nextPowerOfTwo } from '../../base/bits.ts';
import type { Resources } from '../../ir/board.ts';
import type { EngineLayerPlan, LayerChoice, StreamPlan } from '../../ir/plan.ts';
import { powersUpTo } from '../candidates.ts';
import type { LayerRate } from '../layer-rate.ts';
import { firstChoice, layerForms } from './layer-forms.ts';
import type { Drain, FoldedLayer, Form } from './layer-forms.ts';
import type { Cost } from './pareto-front.ts';

/** A folding of a layer and what it comes to. */
export interface Folding extends Cost {
  readonly choice: LayerChoice;
}

/** A layer between two streams, and what is worth looking at there. */
export interface FoldingSearch {
  readonly folded: FoldedLayer;
  readonly input: StreamPlan;
  readonly output: StreamPlan;
  /** Cycles that no other part of the design goes below: a faster layer gains nothing. */
  readonly shortest: number;
  readonly measure: (choice: LayerChoice) => Measured;
  /** Whether a layer that takes at least so much can be part of a better design than there is. */
  readonly isPromising: (atLeast: Cost) => boolean;
}

export interface Measured {
  readonly plan: EngineLayerPlan;
  readonly rate: LayerRate;
  readonly resources: Resources;
}

/** Wider drains and other widths take no less than this share of the look-up tables of the narrowest. */
const narrowestShare = 0.8;

/** What a design with the same core takes at least, whatever is behind it. */
export function leastOf({ lut, ff, bram36, uram, dsp }: Resources): Resources {
  return { lut: narrowestShare * lut, ff: narrowestShare * ff, bram36, uram, dsp };
}

/**
 * The foldings of a layer that may be part of a better design, each a little wider than the one before, up to
 * where that makes nothing faster.
 */
export function* layerFoldings(search: FoldingSearch): Generator<Folding> {
  for (const form of layerForms(search.folded, search.input)) yield* foldingsOf(search, form);
}

function* foldingsOf(search: FoldingSearch, form: Form): Generator<Folding> {
  for (const drain of form.drains) {
    const narrowest = search.measure(firstChoice(search, form.core, drain));
    const { rate, resources } = narrowest;
    const atLeast = { interval: fastest(search, narrowest), resources: leastOf(resources) };
    if (!search.isPromising(atLeast)) {
      // a drain that is wide enough can only become more expensive
      if (isDrained(search, narrowest)) return;
      continue;
    }
    yield* withDrain(search, form, drain, narrowest);
    if (form.core.core !== 'wired' && isDrained(search, narrowest)) return;
    if (rate.interval <= search.shortest) return;
  }
}

/** Whether another drain makes nothing faster. */
function isDrained({ shortest }: FoldingSearch, { rate }: Measured): boolean {
  return rate.drain <= Math.max(rate.accumulate, rate.input, shortest);
}

/** The interval with as many engines, and as wide a tail, as there can be. */
function fastest({ folded, shortest }: FoldingSearch, { plan, rate }: Measured): number {
  const { height, width } = folded.layer.layer.outputShape;
  const engines = plan.choice.core === 'wired' ? 1 : height * width;
  const work = Math.max(rate.accumulate, rate.drain);
  return Math.max(shortest, rate.input, work / engines);
}

/** Tokens a beat of the tail, narrowest first: any number where a dense stream is made of them. */
function tailWidths({ output }: FoldingSearch): readonly number[] {
  return output.kind === 'dense'
    ? powersUpTo(nextPowerOfTwo(output.channels))
    : [output.tokensPerBeat];
}

/** Every read-out and tail that is not wider than it takes for a drain. */
function* withDrain(
  search: FoldingSearch,
  form: Form,
  drain: Drain,
  narrowest: Measured,
): Generator<Folding> {
  const one = firstChoice(search, form.core, drain);
  const widest = drain.readWidths.at(-1);
  let isRead = false;
  for (const readWidth of drain.readWidths) {
    // a beat that is read as a whole needs no memory
    if (isRead && readWidth !== widest) continue;
    let before = Infinity;
    for (const tailTokens of tailWidths(search)) {
      const choice = { ...one, readWidth, tailTokens };
      const isFirst = readWidth === one.readWidth && tailTokens === one.tailTokens;
      const measured = isFirst ? narrowest : search.measure(choice);
      if (measured.rate.tail >= before) break;
      before = measured.rate.tail;
      yield* withEngines(search, choice, measured);
      const { accumulate, drain: drained, input, tail } = measured.rate;
      isRead = tail <= Math.max(accumulate, drained, input, search.shortest);
      if (isRead) break;
    }
  }
}

/** From one engine to as many as make a layer faster. */
function* withEngines(
  search: FoldingSearch,
  choice: LayerChoice,
  one: Measured,
): Generator<Folding> {
  const { height, width } = search.folded.layer.layer.outputShape;
  const wired = choice.core === 'wired';
  const least = leastOf(one.resources);
  let measured = one;
  for (let engines = 1; engines <= height * width; engines += 1) {
    const { rate, plan } = measured;
    const share = engines / plan.choice.engines;
    const work = wired ? 0 : Math.max(rate.accumulate, rate.drain);
    const together = wired ? Math.max(rate.accumulate, rate.drain) : 0;
    const rest = Math.max(rate.input, together);
    const interval = Math.max(rest, Math.max(work, rate.tail) / share);
    if (search.isPromising({ interval, resources: least })) {
      if (engines > 1) measured = search.measure({ ...choice, engines });
      const { resources } = measured;
      yield { choice: measured.plan.choice, interval: measured.rate.interval, resources };
    } else if (wired && engines === 2) {
      // one tail may choose winners in another way than several
      measured = search.measure({ ...choice, engines });
    }
    if (interval <= Math.max(rest, search.shortest)) return;
  }
}
