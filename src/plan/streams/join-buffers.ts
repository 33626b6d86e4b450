import { ceilDivide } from '../../base/bits.ts';
import { present } from '../../base/invariant.ts';
import { hasEngines, inputStreamsOf } from '../../ir/plan.ts';
import type { EdgePlan, JoinLayerPlan, LayerPlan, Plan, StreamPlan } from '../../ir/plan.ts';
import { drainCycles } from '../lower/drain-cycles.ts';
import { winnersUnit, winnersWork } from '../lower/lower-winners.ts';
import { siteNeeds } from './site-needs.ts';
import { beatsPerMap } from './streams.ts';

/** What has to be buffered in front of whatever reads several streams. */
export interface BufferNeeds {
  /** By layer, by input: beats a FIFO must hold at least, 0 where none is needed. */
  readonly layers: readonly (readonly number[])[];
  /** By answer. */
  readonly answers: readonly number[];
}

/**
 * The fewest beats that FIFOs in front of joins must hold so that no input can hang the design:
 * with every channel of every site non-zero, streams are longest. A fork gives each beat to all
 * its readers, so the branch that needs more sites of it for the next site at the join decides
 * how many the other one has to keep.
 *
 * Streams, stores and joins are deterministic and wait for each other only, so that a network
 * that gets through in one order of events does so in all: the one followed here lets a fork give a
 * site only when nothing else can happen, the last fork first.
 */
export function bufferNeeds(plan: Plan): BufferNeeds {
  return new SiteFlow(plan).needs();
}

/** The network in sites of one inference, nothing taking any time. */
class SiteFlow {
  readonly #plan: Plan;
  /** By layer: what its output sites wait for; null for joins of several streams. */
  readonly #siteNeeds: readonly (Int32Array | null)[];
  /** By giver + 1: sites it has, and sites its fork has given to all readers. */
  readonly #made: Int32Array;
  readonly #given: Int32Array;
  readonly #sites: Int32Array;
  readonly #answered: Int32Array;
  readonly #layers: number[][];
  readonly #answers: number[];

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#siteNeeds = plan.layers.map(sitesBefore);
    const { stream } = plan.input;
    const streams = [stream, ...plan.layers.map(({ output }) => output)];
    this.#sites = Int32Array.from(streams, ({ height, width }) => height * width);
    this.#made = new Int32Array(streams.length);
    this.#given = new Int32Array(streams.length);
    this.#answered = new Int32Array(plan.output.answers.length);
    this.#layers = plan.layers.map(({ inputs }) => inputs.map(() => 0));
    this.#answers = plan.output.answers.map(() => 0);
  }

  needs(): BufferNeeds {
    this.#settle();
    this.#note();
    while (this.#give() || this.#enter()) {
      this.#settle();
      this.#note();
    }
    return { layers: this.#layers, answers: this.#answers };
  }

  #givenBy(giver: number): number {
    return present(this.#given[giver + 1], 'a giver');
  }

  #readers(giver: number): number {
    const { input, layers } = this.#plan;
    return giver === -1 ? input.readers : present(layers[giver], 'a layer').readers;
  }

  #stream(giver: number): StreamPlan {
    const { input, layers } = this.#plan;
    return giver === -1 ? input.stream : present(layers[giver], 'a layer').output;
  }

  /** The next beat of the network's input. */
  #enter(): boolean {
    const made = present(this.#made[0], 'the input');
    if (made === this.#sites[0]) return false;
    const { width, sitesPerBeat } = this.#plan.input.stream;
    const rowEnd = (Math.floor(made / width) + 1) * width;
    this.#made[0] = Math.min(made + sitesPerBeat, rowEnd);
    this.#given[0] = this.#made[0];
    return true;
  }

  /** The last fork that has something gives a site. */
  #give(): boolean {
    for (let giver = this.#plan.layers.length - 1; giver >= 0; giver -= 1) {
      const given = this.#givenBy(giver);
      if (given === this.#made[giver + 1]) continue;
      this.#given[giver + 1] = given + 1;
      return true;
    }
    return false;
  }

  /** Everything that needs no fork happens. */
  #settle(): void {
    this.#plan.layers.forEach((layer, index) => {
      const inputs = layer.inputs.map(({ from }) => this.#givenBy(from));
      const needs = this.#siteNeeds[index];
      let made = present(this.#made[index + 1], 'a layer');
      if (needs === null || needs === undefined) {
        made = Math.min(...inputs);
      } else {
        const there = present(inputs[0], 'a layer has an input');
        while (made < needs.length && present(needs[made], 'a site') <= there) made += 1;
      }
      this.#made[index + 1] = made;
      if (this.#readers(index) === 1) this.#given[index + 1] = made;
    });
    // answers leave one after the other
    for (const [index, { edge }] of this.#plan.output.answers.entries()) {
      this.#answered[index] = this.#givenBy(edge.from);
      if (this.#answered[index] < present(this.#sites[edge.from + 1], 'a giver')) break;
    }
  }

  #note(): void {
    this.#plan.layers.forEach((layer, index) => {
      if (hasEngines(layer) || layer.kind === 'winners') return;
      const joined = present(this.#made[index + 1], 'a join');
      const needs = present(this.#layers[index], 'a join');
      inputStreamsOf(layer).forEach((stream, input) => {
        const { from } = present(layer.inputs[input], 'an edge');
        const before = layer.inputs.slice(0, input).every((edge) => {
          return this.#givenBy(edge.from) > joined;
        });
        const beats = this.#waiting(from, joined) - takenAhead(layer, stream, before);
        needs[input] = Math.max(needs[input] ?? 0, beats);
      });
    });
    if (this.#answers.length < 2) return;
    this.#plan.output.answers.forEach(({ edge }, index) => {
      const beats = this.#waiting(edge.from, this.#answered[index] ?? 0);
      this.#answers[index] = Math.max(this.#answers[index] ?? 0, beats);
    });
  }

  /**
   * Beats that have come to a reader and that it cannot use yet. A fork gives the next site beat by
   * beat to all readers, a concatenation as its inputs come: all but its last one too.
   */
  #waiting(from: number, used: number): number {
    const stream = this.#stream(from);
    const given = this.#givenBy(from);
    const inParts = this.#readers(from) > 1 || this.#plan.layers[from]?.kind === 'concat';
    const begun = inParts && given < present(this.#sites[from + 1], 'a giver');
    return (given - used) * stream.maximumBeats + (begun ? stream.maximumBeats - 1 : 0);
  }
}

/** By output site: input sites that have to be there; null where it is as many of every input. */
function sitesBefore(layer: LayerPlan): Int32Array | null {
  if (hasEngines(layer)) return siteNeeds(layer);
  if (layer.kind !== 'winners') return null;
  // no winner of a map is known before its last site
  const sites = layer.output.height * layer.output.width;
  return new Int32Array(sites).fill(sites);
}

/**
 * Beats of an input that a join takes before the other inputs are there. An addition: two halves of
 * a `densify`, and a site that fits its output register; dense streams are taken together. A
 * concatenation: a site of the input whose turn it is, those before it being there.
 */
function takenAhead(layer: JoinLayerPlan, stream: StreamPlan, before: boolean): number {
  if (layer.kind !== 'add') return before ? stream.maximumBeats : 0;
  if (stream.kind !== 'tokens') return 0;
  const rows = ceilDivide(layer.outputChannels, layer.choice.width);
  return (rows === 1 ? 3 : 2) * stream.maximumBeats;
}

/** A FIFO of more bits than this lies in block memory. */
const blockFifoBits = 8192;
/** Words of a distributed memory. */
const memoryRows = 32;

/** A FIFO of so many beats of a stream at least. */
export function fifoOf(
  stream: StreamPlan,
  beats: number,
): Pick<EdgePlan, 'fifoDepth' | 'blockFifo'> {
  const fifoDepth = ceilDivide(beats, memoryRows) * memoryRows;
  const bits = 1 + stream.countBits + stream.tokensPerBeat * stream.tokenBits;
  return { fifoDepth, blockFifo: bits * fifoDepth > blockFifoBits };
}

/**
 * The plan with the FIFOs it needs. They are deeper than they must be by what a branch has in
 * flight, so that the shorter one does not hold up the longer one.
 * @param interval cycles between two inferences of a copy, where it is known
 */
export function withBuffers(plan: Plan, interval?: number): Plan {
  const needs = bufferNeeds(plan);
  const stream = (giver: number): StreamPlan =>
    giver === -1 ? plan.input.stream : present(plan.layers[giver], 'a layer').output;
  const buffered = (edge: EdgePlan, beats: number, latency: number): EdgePlan => {
    const read = stream(edge.from);
    const map = beatsPerMap(read);
    if (beats === 0) return edge;
    const inFlight = ceilDivide(latency * map, Math.max(map, interval ?? 0));
    const wanted = Math.min(beats + read.maximumBeats + inFlight, Math.max(beats, map));
    return { ...edge, ...fifoOf(read, wanted) };
  };
  return {
    ...plan,
    layers: plan.layers.map((layer, index) => ({
      ...layer,
      inputs: layer.inputs.map((edge, input) =>
        buffered(edge, needs.layers[index]?.[input] ?? 0, longestBranch(plan, index)),
      ),
    })),
    output: {
      ...plan.output,
      answers: plan.output.answers.map((answer, index) => ({
        ...answer,
        edge: buffered(answer.edge, needs.answers[index] ?? 0, 0),
      })),
    },
  };
}

/** Cycles from the last input of a site to its leaving, summed over the layers before a join. */
function longestBranch(plan: Plan, join: number): number {
  const latency = (index: number): number => {
    const layer = plan.layers[index];
    // what two branches have in common begins at a fork; further back nothing differs
    if (layer === undefined || layer.readers > 1) return 0;
    return ownLatency(layer) + Math.max(0, ...layer.inputs.map(({ from }) => latency(from)));
  };
  const { inputs } = present(plan.layers[join], 'a join');
  return Math.max(0, ...inputs.map(({ from }) => latency(from)));
}

function ownLatency(layer: LayerPlan): number {
  if (layer.kind === 'winners') {
    const beats = inputStreamsOf(layer).reduce((sum, stream) => sum + beatsPerMap(stream), 0);
    return beats + winnersWork(winnersUnit(layer), beats) + 8;
  }
  if (!hasEngines(layer)) return layer.output.maximumBeats + 8;
  const window = layer.lanePositions * layer.words * Math.max(1, layer.input.maximumTokens);
  return (
    window +
    layer.coreLatency +
    2 * drainCycles(layer) +
    layer.drainLatency +
    layer.requantiseLatency +
    layer.output.maximumTokens +
    16
  );
}
