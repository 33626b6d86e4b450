import { invariant } from '../../base/invariant.ts';
import { at } from './cycle.ts';
import { LaneWalk } from './lane-walk.ts';
import type { StoreTimeline } from './store-timeline.ts';
import type { WeightRequest, WeightTimeline } from './weight-timeline.ts';
import type { WindowWalk } from './window-walk.ts';

/** The lanes of an engine whose weights come over `weight_stream`: a window takes every word once. */
export class StreamedWalk extends LaneWalk {
  readonly #weights: WeightTimeline;
  readonly #section: number;
  readonly #words: number;
  #request: WeightRequest | null = null;

  constructor(
    walk: WindowWalk,
    store: StoreTimeline,
    weights: WeightTimeline,
    { section, words }: { readonly section: number; readonly words: number },
  ) {
    super(walk, store);
    this.#weights = weights;
    this.#section = section;
    this.#words = words;
  }

  override known(start: number): boolean {
    if (!super.known(start)) return false;
    // it begins at any word, so all of the window has to be there
    const ready = Math.max(start, at(this.store.writtenFrom, this.lastSite));
    this.#request ??= this.#weights.request(this.#section, ready);
    return this.#request.end !== null;
  }

  override walk(start: number): number {
    const end = this.#request?.end ?? null;
    invariant(end !== null, 'a window has its words');
    this.#request = null;
    this.starved = end - start + 1 - this.#words;
    return end;
  }
}
