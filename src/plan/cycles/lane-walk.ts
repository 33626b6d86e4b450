import { always, at } from './cycle.ts';
import type { StoreTimeline } from './store-timeline.ts';
import type { WindowWalk } from './window-walk.ts';

/** The lanes of an engine on one window after the other. */
export class LaneWalk {
  /** Of the window walked last: cycles in which no lane could step. */
  starved = 0;

  readonly #walk: WindowWalk;
  readonly #store: StoreTimeline;
  #top = 0;
  #left = 0;
  #base = 0;
  /** The window's last site in the store's numbering, -1 where it lies off the map. */
  #lastSite = -1;
  #inside = false;

  constructor(walk: WindowWalk, store: StoreTimeline) {
    this.#walk = walk;
    this.#store = store;
  }

  /** Sets the window: its inference and corner, which may lie off the map. */
  place(inference: number, top: number, left: number): void {
    const { inputHeight, inputWidth, inputSites, positions, positionRows, positionColumns } =
      this.#walk;
    this.#top = top;
    this.#left = left;
    this.#base = inference * inputSites;
    const bottom = top + at(positionRows, positions - 1);
    const right = left + at(positionColumns, positions - 1);
    this.#inside = top >= 0 && left >= 0 && bottom < inputHeight && right < inputWidth;
    const row = Math.min(bottom, inputHeight - 1);
    const column = Math.min(right, inputWidth - 1);
    const onMap = row >= Math.max(top, 0) && column >= Math.max(left, 0);
    this.#lastSite = onMap ? this.#base + row * inputWidth + column : -1;
  }

  /** Whether all its sites are written in known cycles. */
  known(): boolean {
    return this.#lastSite < this.#store.sitesKnown;
  }

  /** Walks the window from cycle `start` on; the cycle of the last step. Needs `known()`. */
  walk(start: number): number {
    this.starved = 0;
    return this.#walk.lockStep ? this.#walkTogether(start) : this.#walkApart(start);
  }

  #site(position: number): number {
    const { inputHeight, inputWidth, positionRows, positionColumns } = this.#walk;
    const row = this.#top + at(positionRows, position);
    const column = this.#left + at(positionColumns, position);
    const onMap =
      this.#inside || (row >= 0 && row < inputHeight && column >= 0 && column < inputWidth);
    return onMap ? this.#base + row * inputWidth + column : -1;
  }

  #walkApart(start: number): number {
    const { positions, lanePositions } = this.#walk;
    const { writtenFrom, steps } = this.#store;
    let end = always;
    for (let first = 0; first < positions; first += lanePositions) {
      const last = Math.min(first + lanePositions, positions);
      let cycle = start;
      for (let position = first; position < last; position += 1) {
        const site = this.#site(position);
        if (site < 0) {
          cycle += 1;
        } else {
          const written = at(writtenFrom, site);
          cycle = (written > cycle ? written : cycle) + at(steps, site);
        }
      }
      if (cycle > end) end = cycle;
    }
    return end - 1;
  }

  #walkTogether(start: number): number {
    const { positions, lanePositions } = this.#walk;
    const { writtenFrom, steps } = this.#store;
    const each = at(steps, 0);
    let cycle = start;
    for (let first = 0; first < lanePositions; first += 1) {
      for (let position = first; position < positions; position += lanePositions) {
        const site = this.#site(position);
        if (site < 0) continue;
        const written = at(writtenFrom, site);
        if (written > cycle) cycle = written;
      }
      cycle += each;
    }
    return cycle - 1;
  }
}
