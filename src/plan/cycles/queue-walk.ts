import type { EngineLayerPlan } from '../../ir/plan.ts';
import { present } from '../../base/invariant.ts';
import { laneOfChannel } from '../../pack/deal-channels.ts';
import { always, at } from './cycle.ts';
import { LaneWalk } from './lane-walk.ts';
import type { StoreTimeline } from './store-timeline.ts';
import type { WindowWalk } from './window-walk.ts';

/** Cycles from a lane's step to the push of its token; from the last word of a window to its end. */
const pushLatency = 2;
const endLatency = 1;
/** A window ends so long after a step that gives the queues no word, or has no token. */
const droppedLatency = 4;
const emptyLatency = 2;
/** Pushes that a step's look at the queues does not see: so many cycles old is what it sees. */
const unseen = 4;

/**
 * One queue of a lane in a window: tokens pushed, and the cycles in which they are popped. The
 * formulas of `set_queue`. Empty at the start of every window.
 */
class Queue {
  readonly #limit: number;
  readonly #steps: number[] = [];
  readonly #pops: number[] = [];
  #lastWord = always;
  /** Tokens whose push the lane has seen. */
  #seen = 0;

  constructor(depth: number) {
    this.#limit = depth - unseen;
  }

  reset(): void {
    this.#steps.length = 0;
    this.#pops.length = 0;
    this.#lastWord = always;
    this.#seen = 0;
  }

  /** Whether the lane may step in a cycle no earlier than those it asked for before. */
  room(cycle: number): boolean {
    if (this.#steps.length <= this.#limit) return true;
    while (this.#seen < this.#steps.length && (this.#steps[this.#seen] ?? 0) <= cycle - unseen) {
      this.#seen += 1;
    }
    const oldest = this.#seen - this.#limit - 1;
    return oldest < 0 || (this.#pops[oldest] ?? 0) <= cycle - 2;
  }

  /** A token of `words` words that the lane steps on in `step`; the cycle of its last word. */
  push(step: number, words: number): number {
    const pop = Math.max(step + pushLatency + 1, this.#lastWord);
    this.#lastWord = pop + words;
    this.#steps.push(step);
    this.#pops.push(pop);
    return this.#lastWord;
  }
}

/** Lanes whose tokens wait in queues for their weight words: `queued_lane`. */
export class QueueWalk extends LaneWalk {
  override readonly closing = 1;

  readonly #queues: readonly Queue[];
  /** By kernel position x channels + channel, of every queue: words. */
  readonly #words: Uint16Array;
  readonly #channels: number;
  readonly #dense: boolean;
  /** Where the lanes share the channels: how rows of them are dealt; tokens a beat. */
  readonly #turns: readonly number[];
  readonly #lanes: number;
  readonly #beat: number;
  /** Beats of a dense site. */
  readonly #beats: number;
  /** Of a window of dense input that waits for nothing, all alike: cycles, and those without work. */
  #whole: { readonly cycles: number; readonly starved: number } | null = null;

  constructor(windows: WindowWalk, store: StoreTimeline, layer: EngineLayerPlan) {
    super(windows, store);
    const { queues } = layer.choice;
    const depth = present(layer.parameters['QueueDepth'], 'QueueDepth');
    this.#queues = Array.from({ length: queues }, () => new Queue(depth));
    this.#channels = layer.input.channels;
    this.#dense = layer.input.kind === 'dense';
    this.#turns = layer.choice.channelLanes ? layer.turns : [];
    this.#lanes = layer.choice.lanes;
    this.#beat = layer.input.tokensPerBeat;
    this.#beats = layer.input.maximumBeats;
    this.#words = new Uint16Array(windows.positions * this.#channels * queues);
    layer.queueWords.forEach((counts, queue) => {
      counts.forEach((count, index) => {
        this.#words[index * queues + queue] = count;
      });
    });
  }

  override walk(start: number): number {
    const { positions, lanePositions } = this.windows;
    this.spells.length = 0;
    const waits = this.lastSite >= 0 && at(this.store.writtenFrom, this.lastSite) > start;
    const alike = this.#dense && !waits && this.inside;
    if (alike && this.#whole !== null) {
      this.starved = this.#whole.starved;
      return start + this.#whole.cycles;
    }
    let last = always;
    if (this.#turns.length > 0) {
      for (let lane = 0; lane < this.#lanes; lane += 1) {
        last = Math.max(last, this.#walkShare(start, lane));
      }
    } else {
      for (let first = 0; first < positions; first += lanePositions) {
        const end = Math.min(first + lanePositions, positions);
        last = Math.max(last, this.#walkLane(start, first, end));
      }
    }
    this.starved = last - start - this.covered();
    if (alike) this.#whole = { cycles: last - start, starved: this.starved };
    return last;
  }

  /** One lane's positions; the cycle in which it is complete. */
  #walkLane(start: number, first: number, end: number): number {
    for (const queue of this.#queues) queue.reset();
    let cycle = start;
    let complete = start;
    for (let position = first; position < end; position += 1) {
      const site = this.site(position);
      if (site >= 0) cycle = Math.max(cycle, at(this.store.writtenFrom, site));
      const tokens = site < 0 ? 0 : this.#tokensOf(site);
      if (tokens === 0) {
        cycle = this.#roomFrom(cycle);
        this.spells.push({ begin: cycle, end: cycle + 1 });
        complete = Math.max(complete, cycle + emptyLatency);
        cycle += 1;
        continue;
      }
      for (let token = 0; token < tokens; token += 1) {
        cycle = this.#roomFrom(cycle);
        const index = position * this.#channels + this.#channelOf(site, token);
        complete = Math.max(complete, this.#issue(index, cycle));
        cycle += 1;
      }
    }
    return complete;
  }

  /** One lane's channels of the only site, beat after beat: `beat_sequencer`. */
  #walkShare(start: number, lane: number): number {
    for (const queue of this.#queues) queue.reset();
    const site = this.site(0);
    let cycle = Math.max(start, at(this.store.writtenFrom, site));
    let complete = start;
    const tokens = this.#tokensOf(site);
    const beats = this.#dense ? this.#beats : Math.max(1, Math.ceil(tokens / this.#beat));
    for (let beat = 0; beat < beats; beat += 1) {
      const end = Math.min((beat + 1) * this.#beat, tokens);
      let owned = 0;
      for (let token = beat * this.#beat; token < end; token += 1) {
        const channel = this.#channelOf(site, token);
        if (laneOfChannel(this.#turns, this.#lanes, channel) !== lane) continue;
        owned += 1;
        cycle = this.#roomFrom(cycle);
        complete = Math.max(complete, this.#issue(channel, cycle));
        cycle += 1;
      }
      if (owned > 0) continue;
      cycle = this.#roomFrom(cycle);
      this.spells.push({ begin: cycle, end: cycle + 1 });
      complete = Math.max(complete, cycle + emptyLatency);
      cycle += 1;
    }
    return complete;
  }

  /** A token is pushed in a step; the cycle in which a lane that ends with it is complete. */
  #issue(index: number, cycle: number): number {
    const lastWord = this.#push(index, cycle);
    const until = Math.max(lastWord, cycle + pushLatency);
    this.spells.push({ begin: cycle, end: until + 1 });
    return Math.max(lastWord + endLatency, cycle + droppedLatency);
  }

  #channelOf(site: number, token: number): number {
    return this.#dense
      ? token
      : at(this.store.channels, (this.store.firstToken[site] ?? 0) + token);
  }

  #tokensOf(site: number): number {
    const { firstToken } = this.store;
    return this.#dense ? this.#channels : (firstToken[site + 1] ?? 0) - (firstToken[site] ?? 0);
  }

  /** The first cycle from `cycle` on in which all queues have room. */
  #roomFrom(cycle: number): number {
    let step = cycle;
    for (;;) {
      const now = step;
      if (this.#queues.every((queue) => queue.room(now))) return step;
      step += 1;
    }
  }

  /** Pushes a token where it has words; the cycle of its last word, `always` without words. */
  #push(index: number, step: number): number {
    let last = always;
    const first = index * this.#queues.length;
    for (const [number, queue] of this.#queues.entries()) {
      const words = at(this.#words, first + number);
      if (words > 0) last = Math.max(last, queue.push(step, words));
    }
    return last;
  }
}
