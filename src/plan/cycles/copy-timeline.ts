import { present } from '../../base/invariant.ts';
import type { EdgePlan, LayerPlan, Plan } from '../../ir/plan.ts';
import { AddTimeline } from './add-timeline.ts';
import { AnswerMerge } from './answer-merge.ts';
import { ConcatTimeline } from './concat-timeline.ts';
import type { Sink } from './cycle.ts';
import { Fifo } from './fifo.ts';
import { Fork } from './fork.ts';
import { LayerTimeline } from './layer-timeline.ts';
import type { LayerFlow } from './layer-timeline.ts';
import type { LayerWork } from './layer-work.ts';
import { CopyInput } from './ports.ts';
import type { WeightTimeline } from './weight-timeline.ts';
import { WinnersTimeline } from './winners-timeline.ts';
import { WiredTimeline } from './wired-timeline.ts';
import { joined, type Workload } from './workload.ts';

/** One whole network: input buffer, layers with the forks and FIFOs between them, answers. */
export class CopyTimeline {
  readonly input: CopyInput;
  readonly layers: readonly LayerFlow[];
  readonly #fifos: readonly Fifo[];

  /** `output` takes the beats of all answers in order; `weights`: the stream of all copies, if any. */
  constructor(
    plan: Plan,
    workload: Workload,
    output: Sink,
    resetCycle: number,
    weights: WeightTimeline | null = null,
  ) {
    const { inferences } = workload;
    const tokens = workload.outputTokens.map(joined);
    const groupTokens = workload.groupTokens.map(joined);
    const channels = workload.outputChannels.map(joined);
    const tokensOf = (giver: number): Uint16Array => tokens[giver] ?? new Uint16Array(0);
    const channelsOf = (giver: number): Uint16Array => channels[giver] ?? new Uint16Array(0);
    const wiring = new Wiring(plan);
    const answers = new AnswerMerge(plan.output.answers, output);
    plan.output.answers.forEach(({ edge }, index) => wiring.attach(edge, answers.sink(index)));
    const layers: LayerFlow[] = [];
    // readers come behind what they read
    for (let index = plan.layers.length - 1; index >= 0; index -= 1) {
      const layer = present(plan.layers[index], 'a layer');
      const flow = layerFlow(
        layer,
        {
          inferences,
          inputTokens: layer.inputs.map(({ from }) => tokensOf(from)),
          inputChannels: layer.inputs.map(({ from }) => channelsOf(from)),
          outputTokens: tokensOf(index),
          groupTokens: groupTokens[index] ?? new Uint16Array(0),
          resetCycle,
          ...weightsOf(plan, index, weights),
        },
        wiring.behind(index),
      );
      layer.inputs.forEach((edge, input) => {
        wiring.attach(edge, present(flow.sinks[input], 'a sink for every input'));
      });
      layers.unshift(flow);
    }
    this.layers = layers;
    this.#fifos = wiring.fifos;
    this.input = new CopyInput(plan.input, inferences, wiring.behind(-1));
  }

  /** Does all that is known; whether anything was done. */
  advance(): boolean {
    let progress = false;
    for (;;) {
      let moved = this.input.advance();
      for (const layer of this.layers) if (layer.advance()) moved = true;
      for (const fifo of this.#fifos) if (fifo.advance()) moved = true;
      if (!moved) return progress;
      progress = true;
    }
  }
}

function weightsOf(
  { weightStream }: Plan,
  layer: number,
  timeline: WeightTimeline | null,
): Pick<LayerWork, 'weights'> {
  const section = weightStream?.sections.findIndex((one) => one.layer === layer) ?? -1;
  return timeline === null || section < 0 ? {} : { weights: { timeline, section } };
}

/** The FIFOs and forks between givers and readers. */
class Wiring {
  readonly fifos: Fifo[] = [];
  readonly #plan: Plan;
  /** By giver + 1, by port. */
  readonly #sinks: Sink[][];

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#sinks = Array.from({ length: plan.layers.length + 1 }, () => []);
  }

  /** A reader at the end of an edge. */
  attach(edge: EdgePlan, reader: Sink): void {
    const sinks = present(this.#sinks[edge.from + 1], 'a giver');
    if (edge.fifoDepth === 0) {
      sinks[edge.port] = reader;
      return;
    }
    const fifo = new Fifo(edge.fifoDepth, edge.blockFifo ? 2 : 1, reader);
    this.fifos.push(fifo);
    sinks[edge.port] = fifo;
  }

  /** What takes the beats of a giver, all of whose readers are attached. */
  behind(giver: number): Sink {
    const sinks = present(this.#sinks[giver + 1], 'a giver');
    const { input, layers } = this.#plan;
    const readers = giver === -1 ? input.readers : present(layers[giver], 'a layer').readers;
    const [only] = sinks;
    return readers === 1 ? present(only, 'a reader') : new Fork(sinks);
  }
}

/** The timing of a layer in front of what takes its beats. */
export function layerFlow(layer: LayerPlan, work: LayerWork, sink: Sink): LayerFlow {
  switch (layer.kind) {
    case 'window':
    case 'max-pool':
      return layer.wired === undefined
        ? new LayerTimeline(layer, work, sink)
        : new WiredTimeline(layer, work, sink);
    case 'add':
      return new AddTimeline(layer, work, sink);
    case 'concat':
      return new ConcatTimeline(layer, work, sink);
    case 'winners':
      return new WinnersTimeline(layer, work, sink);
  }
}
