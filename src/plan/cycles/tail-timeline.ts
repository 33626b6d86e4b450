import { ceilDivide } from '../../base/bits.ts';
import { invariant, present } from '../../base/invariant.ts';
import type { EngineLayerPlan } from '../../ir/plan.ts';
import { always, at, unknownCycle } from './cycle.ts';

/** Vectors are numbered from 0; what is remembered of them lies at number mod 4. */
const ring = 3;

/** What vectors of sums are handed to. */
export interface VectorSink {
  /** The first cycle in which the next vector can be announced. */
  earliestStart(): number;
  /** Announces a vector whose last value leaves the drain in `lastValue`. */
  push(lastValue: number): void;
}

/**
 * The tail of an engine as its header states it: vectors are announced, their values arrive, they
 * are given out in order. The formulas of `kwta_insert`, `kwta_select`, `relu_pack`, `logit_buffer`.
 */
export interface TailTimeline extends VectorSink {
  /** The first cycle in which the oldest vector not given out is offered. */
  firstBeat(): number;
  /** The last beat of that vector is taken. */
  give(cycle: number): void;
}

/** The tail of a layer's engines, or its part for some of the channels. */
export function unitTimeline(layer: EngineLayerPlan, channels: number): TailTimeline {
  const requantise = layer.requantiseLatency;
  switch (layer.tail.kind) {
    case 'logits':
      return new BufferedTail(3);
    case 'insert':
      return new BufferedTail(requantise + 2);
    case 'nonzero':
      return new BufferedTail(requantise + 4);
    case 'histogram':
      return new HistogramTail(layer, channels);
    case 'select': {
      const bits = present(layer.parameters['OutBits'], 'OutBits');
      const vectors = present(layer.parameters['Vectors'], 'Vectors');
      return new BufferedTail(requantise + bits * (layer.drainBeats + 2) + 6, vectors);
    }
  }
}

/** A power of two of vectors deep, a fixed latency from the last value to the first beat. */
class BufferedTail implements TailTimeline {
  readonly #latency: number;
  readonly #vectors: number;
  /** Of a vector by its number modulo twice the depth. */
  readonly #ring: number;
  readonly #valid: Float64Array;
  readonly #given: Float64Array;
  #pushed = 0;
  #gone = 0;

  constructor(latency: number, vectors = 2) {
    this.#latency = latency;
    this.#vectors = vectors;
    this.#ring = 2 * vectors - 1;
    this.#valid = new Float64Array(2 * vectors);
    this.#given = new Float64Array(2 * vectors).fill(always);
  }

  earliestStart(): number {
    return at(this.#given, (this.#pushed - this.#vectors) & this.#ring) + 1;
  }

  push(lastValue: number): void {
    this.#valid[this.#pushed & this.#ring] = lastValue + this.#latency;
    this.#given[this.#pushed & this.#ring] = unknownCycle;
    this.#pushed += 1;
  }

  firstBeat(): number {
    return this.#gone < this.#pushed ? at(this.#valid, this.#gone & this.#ring) : unknownCycle;
  }

  give(cycle: number): void {
    this.#given[this.#gone & this.#ring] = cycle;
    this.#gone += 1;
  }
}

/** `kwta_histogram` with two buffers; the names of its header. */
class HistogramTail implements TailTimeline {
  readonly #requantise: number;
  readonly #scan: number;
  readonly #clear: number;
  readonly #rows: number;
  readonly #last = new Float64Array(4);
  readonly #scanned = new Float64Array(4).fill(always);
  readonly #read = new Float64Array(4).fill(always);
  readonly #given = new Float64Array(4).fill(always);
  #pushed = 0;
  #resolved = 0;
  #gone = 0;

  constructor(layer: EngineLayerPlan, channels: number) {
    const bits = present(layer.parameters['OutBits'], 'OutBits');
    const { readWidth } = layer.choice;
    const levels = Math.log2(readWidth);
    invariant(Number.isInteger(levels), `${layer.name}: read width ${readWidth} of a histogram`);
    this.#requantise = layer.requantiseLatency;
    this.#scan = 2 ** Math.floor(bits / 2) + 2 ** Math.ceil(bits / 2) + 4 + 2 * levels;
    this.#clear = 2 ** (bits - 2);
    this.#rows = ceilDivide(channels, readWidth);
  }

  earliestStart(): number {
    const older = (this.#pushed - 2) & ring;
    return Math.max(
      at(this.#read, older) + this.#rows + 2,
      at(this.#scanned, older) + this.#scan + this.#clear,
    );
  }

  push(lastValue: number): void {
    const place = this.#pushed & ring;
    this.#last[place] = lastValue + this.#requantise;
    this.#scanned[place] = unknownCycle;
    this.#read[place] = unknownCycle;
    this.#given[place] = unknownCycle;
    this.#pushed += 1;
    this.#resolve();
  }

  #resolve(): void {
    for (; this.#resolved < this.#pushed; this.#resolved += 1) {
      const place = this.#resolved & ring;
      const before = at(this.#read, (this.#resolved - 1) & ring);
      const scanned = Math.max(at(this.#last, place) + 4, before + 2);
      this.#scanned[place] = scanned;
      const given = at(this.#given, (this.#resolved - 2) & ring);
      const read = Math.max(scanned + this.#scan, before + this.#rows + 5, given + 1);
      this.#read[place] = read;
      if (read === unknownCycle) return;
    }
  }

  firstBeat(): number {
    return this.#gone < this.#pushed
      ? at(this.#read, this.#gone & ring) + this.#rows + 8
      : unknownCycle;
  }

  give(cycle: number): void {
    this.#given[this.#gone & ring] = cycle;
    this.#gone += 1;
    this.#resolve();
  }
}
