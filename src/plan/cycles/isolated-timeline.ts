import { invariant } from '../../base/invariant.ts';
import type { IsolatedLayer } from '../isolate-layer.ts';
import { layerFlow } from './copy-timeline.ts';
import { always, at, unknownCycle, type Sink } from './cycle.ts';
import { Fifo } from './fifo.ts';
import type { LayerWork } from './layer-work.ts';
import { WeightTimeline } from './weight-timeline.ts';

/** What a layer alone gets, of every inference. */
export interface IsolatedWork extends LayerWork {
  /** By input: beats of every group of an inference, inference by inference. */
  readonly beats: readonly Uint16Array[];
}

/** When inferences begin and end; cycle 0 is the one in which the first input beat is taken. */
export interface IsolatedCycles {
  readonly starts: Float64Array;
  readonly completions: Float64Array;
}

/**
 * The timing of a layer alone to the cycle, its input always offered and its output always taken.
 * Every inference takes as many input beats, empty ones at its end, as the plan says.
 */
export function predictIsolatedLayer(isolated: IsolatedLayer, work: IsolatedWork): IsolatedCycles {
  const output = new MapOutput(isolated, work);
  const { weightStream } = isolated.plan;
  const weights =
    weightStream === undefined ? null : new WeightTimeline(weightStream, work.resetCycle);
  const flow = layerFlow(
    isolated.layer,
    weights === null ? work : { ...work, weights: { timeline: weights, section: 0 } },
    output,
  );
  const fifos = isolated.fifoDepths.map((depth, input) => {
    const sink = flow.sinks[input];
    invariant(sink !== undefined, 'a sink for every input');
    return new Fifo(depth, 1, sink);
  });
  const source = new Source(isolated, work, fifos);
  for (let moved = true; moved;) {
    moved = source.advance();
    for (const fifo of fifos) if (fifo.advance()) moved = true;
    if (flow.advance()) moved = true;
    if (!moved && weights !== null) moved = weights.settle();
  }
  invariant(output.completed === work.inferences, `${isolated.layer.name} alone hangs`);
  return { starts: source.starts, completions: output.completions };
}

/** Input beats: taken when every input that one has a beat for has room. */
class Source {
  readonly starts: Float64Array;
  readonly #work: IsolatedWork;
  readonly #fifos: readonly Fifo[];
  readonly #beatsPerInference: number;
  readonly #groups: number;
  #inference = 0;
  #group = 0;
  #beatOfGroup = 0;
  #beat = 0;
  #last = -1;

  constructor(isolated: IsolatedLayer, work: IsolatedWork, fifos: readonly Fifo[]) {
    this.#work = work;
    this.#fifos = fifos;
    this.#beatsPerInference = isolated.plan.input.beatsPerInference;
    this.#groups = (work.beats[0]?.length ?? 0) / work.inferences;
    this.starts = new Float64Array(work.inferences);
  }

  advance(): boolean {
    let progress = false;
    while (this.#inference < this.#work.inferences) {
      const present = this.#fifos.filter((_, input) => this.#beatOfGroup < this.#beatsOf(input));
      const room = present.map((fifo) => fifo.roomFrom());
      const cycle = Math.max(this.#last + 1, ...room);
      if (cycle === unknownCycle) break;
      for (const fifo of present) fifo.take(cycle);
      this.#last = cycle;
      if (this.#beat === 0) this.starts[this.#inference] = cycle;
      this.#step();
      progress = true;
    }
    return progress;
  }

  /** Beats of an input in the current group; none when all groups have gone. */
  #beatsOf(input: number): number {
    const beats = this.#work.beats[input];
    if (beats === undefined || this.#group === this.#groups) return 0;
    return at(beats, this.#inference * this.#groups + this.#group);
  }

  #step(): void {
    this.#beat += 1;
    this.#beatOfGroup += 1;
    const most = Math.max(...this.#fifos.map((_, input) => this.#beatsOf(input)));
    if (this.#group < this.#groups && this.#beatOfGroup === most) {
      this.#group += 1;
      this.#beatOfGroup = 0;
    }
    if (this.#beat < this.#beatsPerInference) return;
    this.#beat = 0;
    this.#group = 0;
    this.#beatOfGroup = 0;
    this.#inference += 1;
  }
}

/** Takes every beat at once and knows which one ends an inference. */
class MapOutput implements Sink {
  readonly completions: Float64Array;
  readonly #beatsOfInference: (inference: number) => number;
  completed = 0;
  #left: number;
  #last = always;

  constructor(isolated: IsolatedLayer, work: IsolatedWork) {
    const { output } = isolated.layer;
    const sites = output.height * output.width;
    this.#beatsOfInference = (inference) => {
      if (output.kind !== 'tokens') return sites * output.maximumBeats;
      let beats = 0;
      for (let site = inference * sites; site < (inference + 1) * sites; site += 1) {
        beats += Math.max(1, Math.ceil(at(work.outputTokens, site) / output.tokensPerBeat));
      }
      return beats;
    };
    this.completions = new Float64Array(work.inferences).fill(unknownCycle);
    this.#left = this.#beatsOfInference(0);
  }

  take(valid: number): number {
    // sites in the padding may run ahead of the last inference
    const cycle = Math.max(valid, this.#last + 1);
    this.#last = cycle;
    if (this.completed === this.completions.length) return cycle;
    this.#left -= 1;
    if (this.#left > 0) return cycle;
    this.completions[this.completed] = cycle;
    this.completed += 1;
    if (this.completed < this.completions.length) {
      this.#left = this.#beatsOfInference(this.completed);
    }
    return cycle;
  }
}
