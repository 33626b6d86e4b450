import { ceilDivide } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import type { WinnersLayerPlan } from '../../ir/plan.ts';
import { always, at, unknownCycle, type Sink } from './cycle.ts';
import { DensifyRows } from './densify-rows.ts';
import type { JoinInput } from './join-input.ts';
import type { LayerFlow } from './layer-timeline.ts';
import type { LayerWork } from './layer-work.ts';
import { Slice } from './slice.ts';

/** What is remembered of maps lies at their number mod 4. */
const mapRing = 3;
/** Sites read again and not given out yet: as many as `relu_pack` has buffers. */
const siteRing = 7;

/** `map_winners`, a `densify` where dense values leave, and the slice behind. */
export class WinnersTimeline implements LayerFlow {
  readonly sinks: readonly Sink[];
  readonly engines = [];
  readonly firstTaken: Float64Array;
  readonly lastGiven: Float64Array;

  readonly #unit: MapWinners;
  readonly #rows: DensifyRows | null;
  readonly #slice: Slice;
  readonly #beatsOfSite: (site: number) => number;
  readonly #sitesOfInference: number;
  #site = 0;
  #beatsLeft = 0;

  constructor(layer: WinnersLayerPlan, work: LayerWork, sink: Sink) {
    const { output, outputChannels, parameters } = layer;
    const { outputTokens, inferences } = work;
    const tokensPerBeat = present(parameters['T'], 'T');
    const rows = ceilDivide(outputChannels, output.tokensPerBeat);
    const beats = (site: number): number => beatsOf(at(outputTokens, site), tokensPerBeat);
    this.#sitesOfInference = output.height * output.width;
    this.firstTaken = new Float64Array(inferences).fill(unknownCycle);
    this.lastGiven = new Float64Array(inferences).fill(unknownCycle);
    this.#unit = new MapWinners(layer, work, beats, this.firstTaken);
    this.sinks = [this.#unit];
    const dense = output.kind === 'dense';
    this.#rows = dense ? new DensifyRows(tokensPerBeat, outputTokens, rows) : null;
    this.#beatsOfSite = dense ? () => rows : beats;
    this.#slice = new Slice(sink);
  }

  advance(): boolean {
    let progress = this.#slice.flush();
    for (;;) {
      let moved = this.#unit.advance();
      if (this.#densify()) moved = true;
      if (this.#give()) moved = true;
      if (!moved) return progress;
      progress = true;
    }
  }

  #densify(): boolean {
    if (this.#rows === null) return false;
    const offered = this.#unit.offered();
    const cycle = offered === unknownCycle ? unknownCycle : this.#rows.take(offered);
    if (cycle === unknownCycle) return false;
    this.#unit.taken(cycle);
    return true;
  }

  #give(): boolean {
    const source = this.#rows ?? this.#unit;
    const cycle = Math.max(source.offered(), this.#slice.roomFrom());
    if (cycle === unknownCycle) return false;
    source.taken(cycle);
    this.#slice.push(cycle);
    if (this.#beatsLeft === 0) this.#beatsLeft = this.#beatsOfSite(this.#site);
    this.#beatsLeft -= 1;
    if (this.#beatsLeft > 0) return true;
    this.#site += 1;
    if (this.#site % this.#sitesOfInference === 0) {
      this.lastGiven[this.#site / this.#sitesOfInference - 1] = cycle;
    }
    return true;
  }
}

function beatsOf(tokens: number, tokensPerBeat: number): number {
  return Math.max(1, ceilDivide(tokens, tokensPerBeat));
}

/** `map_winners`; the letters are those of its header. */
class MapWinners implements Sink, JoinInput {
  readonly #sites: number;
  readonly #allSites: number;
  readonly #beatsIn: (site: number) => number;
  readonly #beatsOut: (site: number) => number;
  readonly #firstTaken: Float64Array;
  readonly #keepTies: boolean;
  readonly #channels: number;
  readonly #search: number;
  // t(v), b(v), e(v)
  readonly #lastIn = new Float64Array(4).fill(always);
  readonly #beats = new Float64Array(4);
  readonly #ended = new Float64Array(4).fill(always);
  /** Sites taken; of the one being taken the beats that follow. */
  #in = 0;
  #inLeft = 0;
  #lastTake = always;
  /** Sites read again, and w of the last beat of them. */
  #read = 0;
  #lastRead = always;
  /** By site: from when it can be given, and when its last beat was. */
  readonly #valid = new Float64Array(siteRing + 1);
  readonly #given = new Float64Array(siteRing + 1).fill(always);
  /** Sites given; of the one being given the beats that follow. */
  #out = 0;
  #outLeft = 0;
  #lastOut = always;

  constructor(
    layer: WinnersLayerPlan,
    work: LayerWork,
    beatsOut: (site: number) => number,
    firstTaken: Float64Array,
  ) {
    const parameter = (name: string): number => present(layer.parameters[name], name);
    const tokens = present(work.inputTokens[0], 'a k-WTA has an input');
    const tokensPerBeat = parameter('T');
    this.#sites = parameter('Sites');
    this.#allSites = work.inferences * this.#sites;
    this.#beatsIn = (site) => beatsOf(at(tokens, site), tokensPerBeat);
    this.#beatsOut = beatsOut;
    this.#firstTaken = firstTaken;
    this.#keepTies = parameter('KeepTies') === 1;
    this.#channels = parameter('Channels');
    this.#search = 2 ** parameter('ValueBits');
  }

  take(valid: number): number {
    if (this.#in === this.#allSites) return unknownCycle;
    const map = Math.floor(this.#in / this.#sites);
    const opens = this.#inLeft === 0 && this.#in % this.#sites === 0;
    const room = opens ? at(this.#ended, (map - 2) & mapRing) + 1 : always;
    const cycle = Math.max(valid, this.#lastTake + 1, room);
    if (cycle === unknownCycle) return cycle;
    const place = map & mapRing;
    if (opens) {
      this.#firstTaken[map] = cycle;
      this.#lastIn[place] = unknownCycle;
      this.#ended[place] = unknownCycle;
      this.#beats[place] = 0;
    }
    if (this.#inLeft === 0) this.#inLeft = this.#beatsIn(this.#in);
    this.#lastTake = cycle;
    this.#inLeft -= 1;
    this.#beats[place] = at(this.#beats, place) + 1;
    if (this.#inLeft === 0) {
      this.#in += 1;
      if (this.#in % this.#sites === 0) this.#lastIn[place] = cycle;
    }
    return cycle;
  }

  /** Reads again what is known to be read; whether that was anything. */
  advance(): boolean {
    const before = this.#read;
    while (this.#read < this.#in) {
      const map = Math.floor(this.#read / this.#sites);
      const place = map & mapRing;
      const lastIn = at(this.#lastIn, place);
      const free = at(this.#given, this.#read & siteRing) + 1;
      if (lastIn === unknownCycle || free === unknownCycle) break;
      const begun = Math.max(lastIn, at(this.#ended, (map - 1) & mapRing)) + 2;
      const ties = this.#keepTies ? 0 : at(this.#beats, place) + this.#channels + 5;
      const from = begun + this.#search + 2 + ties;
      const first = Math.max(this.#lastRead + 1, from + 1, free);
      this.#lastRead = first + this.#beatsIn(this.#read) - 1;
      this.#valid[this.#read & siteRing] = this.#lastRead + 6;
      this.#given[this.#read & siteRing] = unknownCycle;
      this.#read += 1;
      if (this.#read % this.#sites === 0) this.#ended[place] = this.#lastRead;
    }
    return this.#read > before;
  }

  offered(): number {
    if (this.#outLeft > 0) return this.#lastOut + 1;
    if (this.#out === this.#read) return unknownCycle;
    return Math.max(at(this.#valid, this.#out & siteRing), this.#lastOut + 1);
  }

  taken(cycle: number): void {
    if (this.#outLeft === 0) this.#outLeft = this.#beatsOut(this.#out);
    this.#lastOut = cycle;
    this.#outLeft -= 1;
    if (this.#outLeft > 0) return;
    this.#given[this.#out & siteRing] = cycle;
    this.#out += 1;
  }
}
