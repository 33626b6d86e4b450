import { nextPowerOfTwo } from '../../base/bits.ts';
import type { ResourceKind, Resources } from '../../ir/board.ts';
import type { EngineLayerPlan, LayerChoice, StreamPlan } from '../../ir/plan.ts';
import { hasTailHardware } from '../lower/lower-tail.ts';
import { powersUpTo } from '../search/candidates.ts';
import type { LayerRate } from '../search/layer-rate.ts';
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

/** What so many engines take, by what one and two take. */
export function withMoreEngines(one: Measured, two: Measured, engines: number): Resources {
  const of = (kind: ResourceKind): number =>
    one.resources[kind] + (engines - 1) * (two.resources[kind] - one.resources[kind]);
  return { lut: of('lut'), ff: of('ff'), bram36: of('bram36'), uram: of('uram'), dsp: of('dsp') };
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
    const { rate } = narrowest;
    const isWired = form.core.core === 'wired';
    // whatever is drained at once, a core takes its time to accumulate
    const fastest = Math.max(
      search.shortest,
      rate.input,
      isWired ? 0 : rate.accumulate / sitesOf(search),
    );
    if (!search.isPromising({ interval: fastest, resources: leastOf(narrowest.resources) })) {
      // another drain can only become more expensive
      return;
    }
    yield* withDrain(search, form, drain, narrowest);
    const isDrained = rate.drain <= Math.max(rate.accumulate, rate.input, search.shortest);
    if (isDrained && !isWired) return;
  }
}

function sitesOf({ folded }: FoldingSearch): number {
  const { height, width } = folded.layer.layer.outputShape;
  return height * width;
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
  const isWired = choice.core === 'wired';
  const { layer } = search.folded;
  let two: Measured | null = null;
  for (let engines = 1; engines <= sitesOf(search); engines += 1) {
    const { rate } = two ?? one;
    const known = two === null ? 1 : 2;
    // the engines of a wired core are tails of one and the same datapath
    const together = Math.max(rate.input, isWired ? Math.max(rate.accumulate, rate.drain) : 0);
    const each = isWired ? rate.tail : Math.max(rate.accumulate, rate.drain, rate.tail);
    const interval = Math.max(together, (each * known) / engines);
    const least = two === null ? one.resources : withMoreEngines(one, two, engines);
    if (engines === 1) {
      if (hasTailHardware(layer, one.plan.tail)) yield folding(one);
    } else if (search.isPromising({ interval, resources: leastOf(least) })) {
      const measured = search.measure({ ...choice, engines });
      if (engines === 2) two = measured;
      if (hasTailHardware(layer, measured.plan.tail)) yield folding(measured);
    } else if (engines === 2) {
      // tells what others take; one tail of a wired core may choose winners in another way than several
      two = search.measure({ ...choice, engines });
    }
    if (interval <= Math.max(together, search.shortest)) return;
  }
}

function folding({ plan, rate, resources }: Measured): Folding {
  return { choice: plan.choice, interval: rate.interval, resources };
}
