import { ceilDivide, nextPowerOfTwo } from '../../base/bits.ts';
import type { Packing } from '../../ir/packing.ts';
import type { LayerChoice, StreamPlan } from '../../ir/plan.ts';
import type { QuantizedWindow } from '../../ir/quantized.ts';
import { inLockstep, laneCounts, powersUpTo, shares } from '../search/candidates.ts';
import { sharesChannels } from '../lower/check-choice.ts';
import { feedsWired, rowsOfStep } from '../wired/wired-graph.ts';

/** A window layer and what can be chosen of it. */
export interface FoldedLayer {
  readonly layer: QuantizedWindow;
  readonly core: 'dense' | 'sparse';
  /** For sets in lockstep. */
  readonly packing: Packing;
  readonly hasQueues: boolean;
  /** Windows of a step where its weights can be wired; none where they cannot. */
  readonly wiredWindows: readonly number[];
}

/** What multiplies, without engines and what is behind them. */
type Core = Omit<
  LayerChoice,
  'engines' | 'setsParallel' | 'drainWidth' | 'readWidth' | 'inputTokens' | 'tailTokens'
>;

/** How the sums of a core leave it. */
export interface Drain extends Pick<LayerChoice, 'setsParallel' | 'drainWidth'> {
  /** Narrowest first. */
  readonly readWidths: readonly number[];
}

/** A core with its drains, narrowest first. */
export interface Form {
  readonly core: Core;
  readonly drains: readonly Drain[];
}

/** Inputs a step of a dense lane at most. */
const widestStep = 64;
/** Lanes that share the channels at most. */
const mostSharing = 16;

/** All there is hardware for behind an input stream, but for what is only larger than another one. */
export function layerForms(folded: FoldedLayer, input: StreamPlan): readonly Form[] {
  return [
    ...lockstepForms(folded, input),
    ...(folded.hasQueues ? queueForms(folded.layer, input) : []),
    ...(feedsWired(input) ? wiredForms(folded) : []),
  ];
}

/** Whether a layer can use the width of a stream for more than to get its beats in time. */
export function needsWidth(folded: FoldedLayer, input: StreamPlan): boolean {
  const { layer, core, hasQueues, wiredWindows } = folded;
  const { channels } = layer.layer.inputShape;
  const width = input.tokensPerBeat;
  return (
    (core === 'dense' && width <= nextPowerOfTwo(channels)) ||
    (hasQueues && sharesChannels(layer) && input.sitesPerBeat === 1) ||
    (wiredWindows.length > 0 && feedsWired(input) && input.sitesPerBeat === 1)
  );
}

/**
 * Sets in parallel, with padding up to a multiple of the drain width where there are as many shares of
 * all sets, and the drains of each.
 */
function drainsOf(sets: number): ReadonlyMap<number, readonly Drain[]> {
  const found = new Map<number, Map<number, Drain>>();
  for (const share of shares(sets)) {
    for (const drainWidth of powersUpTo(2 * share - 1)) {
      const setsParallel = ceilDivide(share, drainWidth) * drainWidth;
      const drains = found.get(setsParallel) ?? new Map<number, Drain>();
      found.set(setsParallel, drains);
      drains.set(drainWidth, { setsParallel, drainWidth, readWidths: powersUpTo(drainWidth) });
    }
  }
  return new Map(
    Array.from(found, ([setsParallel, drains]) => [
      setsParallel,
      [...drains.values()].sort((left, right) => left.drainWidth - right.drainWidth),
    ]),
  );
}

function lockstepForms({ layer, core, packing }: FoldedLayer, input: StreamPlan): Form[] {
  const { kernel, inputShape } = layer.layer;
  const values =
    core === 'dense'
      ? powersUpTo(Math.min(widestStep, input.tokensPerBeat, nextPowerOfTwo(inputShape.channels)))
      : [1];
  const drains = [...drainsOf(packing.sets.length).values()];
  return values.flatMap((count) =>
    laneCounts(kernel.height * kernel.width).flatMap((lanes) =>
      drains.map((each) => ({
        core: { core, lanes, values: count, ...inLockstep },
        drains: each,
      })),
    ),
  );
}

function queueForms(layer: QuantizedWindow, input: StreamPlan): Form[] {
  const { kernel, inputShape, windowShape } = layer.layer;
  const shared = sharesChannels(layer) && input.sitesPerBeat === 1;
  const sharing = shared ? powersUpTo(Math.min(mostSharing, inputShape.channels)).slice(1) : [];
  const splits = [
    ...laneCounts(kernel.height * kernel.width).map((lanes) => ({ lanes, channelLanes: false })),
    ...sharing.map((lanes) => ({ lanes, channelLanes: true })),
  ];
  const forms: Form[] = [];
  for (const [setsParallel, drains] of drainsOf(windowShape.channels)) {
    for (let queues = 1; queues <= setsParallel; queues += 1) {
      if (setsParallel % queues !== 0) continue;
      for (const split of splits) {
        const core: Core = { core: 'sparse', values: 1, ...inLockstep, queues, ...split };
        forms.push({ core, drains }, { core: { ...core, blockWeights: true }, drains });
      }
    }
  }
  return forms;
}

function wiredForms({ layer, wiredWindows }: FoldedLayer): Form[] {
  const outputs = layer.layer.windowShape.channels;
  const readWidths = new Map<number, number[]>();
  for (const readWidth of powersUpTo(nextPowerOfTwo(outputs))) {
    for (const parts of shares(ceilDivide(outputs, readWidth))) {
      const drainWidth = parts * readWidth;
      readWidths.set(drainWidth, [...(readWidths.get(drainWidth) ?? []), readWidth]);
    }
  }
  const drains = Array.from(readWidths, ([drainWidth, widths]) => ({
    drainWidth,
    setsParallel: drainWidth * ceilDivide(outputs, drainWidth),
    readWidths: widths,
  })).sort((left, right) => left.drainWidth - right.drainWidth);
  return wiredWindows.map((windows) => ({
    core: { core: 'wired', lanes: rowsOfStep(layer, windows), values: windows, ...inLockstep },
    drains,
  }));
}

/** One engine, with the narrowest read-out and tail behind a drain. */
export function firstChoice(
  { input, output }: { readonly input: StreamPlan; readonly output: StreamPlan },
  core: Core,
  { setsParallel, drainWidth }: Pick<Drain, 'setsParallel' | 'drainWidth'>,
): LayerChoice {
  // in the order of the choices of other searches: the structure of a loadable plan is told by it
  return {
    core: core.core,
    engines: 1,
    lanes: core.lanes,
    values: core.values,
    setsParallel,
    queues: core.queues,
    channelLanes: core.channelLanes,
    blockWeights: core.blockWeights,
    ultraWeights: core.ultraWeights,
    ultraStore: core.ultraStore,
    drainWidth,
    readWidth: 1,
    inputTokens: input.tokensPerBeat,
    tailTokens: output.kind === 'dense' ? 1 : output.tokensPerBeat,
  };
}
