import { always, at } from './cycle.ts';
import type { StoreTimeline } from './store-timeline.ts';
import type { WindowWalk } from './window-walk.ts';

/** The last of first, first + step .. last that is below the size; negative where none is on it. */
function lastOnMap(first: number, last: number, step: number, size: number): number {
  if (last < size) return last;
  return first < size ? first + Math.floor((size - 1 - first) / step) * step : -1;
}

/** The lanes of an engine on one window after the other. */
export class LaneWalk {
  /** Of the window walked last: cycles in which no lane could step. */
  starved = 0;
  /** Cycles at the end of a window in which nothing is done any more. */
  readonly closing: number = 0;

  protected readonly windows: WindowWalk;
  protected readonly store: StoreTimeline;
  #top = 0;
  #left = 0;
  #base = 0;
  /** The window's last site in the store's numbering, -1 where it lies off the map. */
  protected lastSite = -1;
  protected inside = false;
  /** Spells in which a lane steps: begin and end (excluded) of each, unordered. */
  protected readonly spells: { readonly begin: number; readonly end: number }[] = [];

  constructor(walk: WindowWalk, store: StoreTimeline) {
    this.windows = walk;
    this.store = store;
  }

  /** Sets the window: its inference and corner, which may lie off the map. */
  place(inference: number, top: number, left: number): void {
    const walk = this.windows;
    const { inputHeight, inputWidth, positions } = walk;
    this.#top = top;
    this.#left = left;
    this.#base = inference * walk.inputSites;
    const bottom = top + at(walk.positionRows, positions - 1);
    const right = left + at(walk.positionColumns, positions - 1);
    this.inside = top >= 0 && left >= 0 && bottom < inputHeight && right < inputWidth;
    const row = lastOnMap(top, bottom, walk.dilationRows, inputHeight);
    const column = lastOnMap(left, right, walk.dilationColumns, inputWidth);
    this.lastSite = row >= 0 && column >= 0 ? this.#base + row * inputWidth + column : -1;
  }

  /** Whether all that the window needs from cycle `start` on is there in known cycles: its sites. */
  known(_start: number): boolean {
    return this.lastSite < this.store.sitesKnown;
  }

  /** Walks the window from cycle `start` on; the cycle of the last step. Needs `known(start)`. */
  walk(start: number): number {
    const { lockStep, lanePositions } = this.windows;
    const { fixedSteps, writtenFrom } = this.store;
    this.starved = 0;
    const waits = this.lastSite >= 0 && at(writtenFrom, this.lastSite) > start;
    if (!waits && fixedSteps > 0 && (this.inside || lockStep)) {
      return start + lanePositions * fixedSteps - 1;
    }
    if (lockStep) return this.#walkTogether(start);
    return waits ? this.#walkWaiting(start) : this.#walkWritten(start);
  }

  /** The site of a kernel position in the store's numbering, -1 off the map. */
  protected site(position: number): number {
    const { inputHeight, inputWidth, positionRows, positionColumns } = this.windows;
    const row = this.#top + at(positionRows, position);
    const column = this.#left + at(positionColumns, position);
    const onMap =
      this.inside || (row >= 0 && row < inputHeight && column >= 0 && column < inputWidth);
    return onMap ? this.#base + row * inputWidth + column : -1;
  }

  /** Sparse lanes, the whole window written. */
  #walkWritten(start: number): number {
    const { positions, lanePositions } = this.windows;
    const { steps } = this.store;
    let most = 0;
    for (let first = 0; first < positions; first += lanePositions) {
      const end = Math.min(first + lanePositions, positions);
      let taken = 0;
      for (let position = first; position < end; position += 1) {
        const site = this.site(position);
        taken += site < 0 ? 1 : at(steps, site);
      }
      if (taken > most) most = taken;
    }
    return start + most - 1;
  }

  /** Sparse lanes, each waiting for its own sites. */
  #walkWaiting(start: number): number {
    const { positions, lanePositions } = this.windows;
    const { writtenFrom, steps } = this.store;
    this.spells.length = 0;
    let last = always;
    for (let first = 0; first < positions; first += lanePositions) {
      const end = Math.min(first + lanePositions, positions);
      let begin = start;
      let cycle = start;
      for (let position = first; position < end; position += 1) {
        const site = this.site(position);
        if (site < 0) {
          cycle += 1;
          continue;
        }
        const written = at(writtenFrom, site);
        if (written > cycle) {
          if (cycle > begin) this.spells.push({ begin, end: cycle });
          begin = written;
          cycle = written;
        }
        cycle += at(steps, site);
      }
      this.spells.push({ begin, end: cycle });
      if (cycle > last) last = cycle;
    }
    this.starved = last - start - this.covered();
    return last - 1;
  }

  /** Cycles in at least one spell. */
  protected covered(): number {
    this.spells.sort((left, right) => left.begin - right.begin);
    let covered = 0;
    let reached = always;
    for (const { begin, end } of this.spells) {
      if (end <= reached) continue;
      covered += end - Math.max(begin, reached);
      reached = end;
    }
    return covered;
  }

  /** Lanes in lock step: each step waits for the sites of all lanes. */
  #walkTogether(start: number): number {
    const { positions, lanePositions } = this.windows;
    const { writtenFrom, fixedSteps } = this.store;
    let cycle = start;
    for (let first = 0; first < lanePositions; first += 1) {
      let ready = cycle;
      for (let position = first; position < positions; position += lanePositions) {
        const site = this.site(position);
        if (site < 0) continue;
        const written = at(writtenFrom, site);
        if (written > ready) ready = written;
      }
      this.starved += ready - cycle;
      cycle = ready + fixedSteps;
    }
    return cycle - 1;
  }
}
