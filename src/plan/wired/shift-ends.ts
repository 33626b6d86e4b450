import { present } from '../../base/invariant.ts';
import { oncePer } from '../../base/once-per.ts';
import type { ScheduledGraph } from '../../ir/adder-graph.ts';
import { addedBits, storedForms } from './offset-form.ts';
import type { StoredForm } from './offset-form.ts';
import { isState, lastUses } from './schedule-graph.ts';

/** So many registers behind each other, none but the last one looked at, become a shift register. */
export const shiftLength = 3;
/**
 * A shift register gives its bit about a LUT later than a register. With the two LUTs of a sum of three
 * words and the beginning of its carry chain so many carry bits make five LUT levels.
 */
const mostCarryBits = 12;

/** Registers that a reset keeps out of shift registers, which would be too slow for the sums that read them. */
export interface ShiftEnds {
  readonly count: number;
  /** Whether the register of a node in a stage is one. */
  readonly atStage: (node: number, stage: number) => boolean;
  /** The same for one of a delay's own registers. */
  readonly atStep: (node: number, step: number) => boolean;
}

/** One bit of a register; equal bits are one. */
interface RegisterBit {
  /** The register bit whose value it takes over; null: something is worked out in between. */
  readonly source: RegisterBit | null;
  readonly kind: RegisterKind;
  readonly followers: Map<RegisterKind, RegisterBit>;
  /** Sums, outputs and register bits that look at it. */
  readers: number;
}

/** Registers of one shift register have one enable, and none has a reset. */
type RegisterKind = 'always' | 'on a step' | 'always, reset' | 'on a step, reset';

/**
 * The registers in front of sums of three words that would be the end of a shift register with too long a
 * carry chain behind them. No others: what a shift register holds takes a LUT, and a register a bit without it.
 */
export const shiftEnds = oncePer((graph: ScheduledGraph): ShiftEnds => {
  const names = new Set<string>();
  // a register that leaves one shift register may be the beginning of another
  for (let before = -1; before < names.size;) {
    before = names.size;
    for (const name of new RegisterBits(graph, names).slowEnds()) names.add(name);
  }
  return {
    count: names.size,
    atStage: (node, stage) => names.has(stageName(node, stage)),
    atStep: (node, step) => names.has(stepName(node, step)),
  };
});

function stageName(node: number, stage: number): string {
  return `${node} in ${stage}`;
}

function stepName(node: number, step: number): string {
  return `${node} after ${step}`;
}

/** A register, or the inputs: its name, null for inputs, and its bits. */
interface Register {
  readonly name: string | null;
  readonly bits: readonly RegisterBit[];
}

/** All registers of a graph by bit, with those that have a reset. */
class RegisterBits {
  readonly #graph: ScheduledGraph;
  readonly #forms: readonly StoredForm[];
  readonly #reset: ReadonlySet<string>;
  /** By node and stage: where its value lies. */
  readonly #places = new Map<string, Register>();

  constructor(graph: ScheduledGraph, reset: ReadonlySet<string>) {
    this.#graph = graph;
    this.#forms = storedForms(graph);
    this.#reset = reset;
    const { nodes, outputs, stages, latency } = graph;
    const last = lastUses(graph);
    nodes.forEach((_, node) => {
      const stage = present(stages[node], 'a stage');
      let place = this.#own(node, stage);
      this.#places.set(stageName(node, stage), place);
      for (let later = stage + 1; later <= present(last[node], 'a use'); later += 1) {
        const name = stageName(node, later);
        place = this.#register(name, false, place.bits);
        this.#places.set(name, place);
      }
    });
    for (const output of outputs) {
      if (output !== null) this.#at(output.node, latency).bits.forEach(read);
    }
  }

  /** Registers that a reset has to be given to. */
  slowEnds(): readonly string[] {
    const { nodes, stages } = this.#graph;
    return nodes.flatMap((_, node): readonly string[] => {
      const form = this.#form(node);
      const { low, words } = addedBits(form);
      // a sum of less words has one LUT in front of its carry chain
      if (words < 3) return [];
      const stage = present(stages[node], 'a stage') - 1;
      return form.words.flatMap((word): readonly string[] => {
        const { name, bits } = this.#at(word.node, stage);
        const isSlow = bits.some((bit, index) => {
          const place = word.shift + index;
          const carryBits = form.bits - 2 - place;
          return place >= low && carryBits > mostCarryBits && runLength(bit) >= shiftLength;
        });
        return isSlow && name !== null ? [name] : [];
      });
    });
  }

  #form(node: number): StoredForm {
    return present(this.#forms[node], 'a node');
  }

  #at(node: number, stage: number): Register {
    return present(this.#places.get(stageName(node, stage)), 'a value in a stage');
  }

  /** Where a node lies in its own stage. */
  #own(index: number, stage: number): Register {
    const node = present(this.#graph.nodes[index], 'a node');
    const { latency } = this.#graph;
    switch (node.kind) {
      case 'input': {
        const bits = Array.from({ length: this.#form(index).bits }, () => bitAfter(null, 'always'));
        return { name: null, bits };
      }
      case 'delay': {
        const state = isState(this.#graph, node.a);
        let before = this.#at(node.a, state ? latency : latency - 1);
        for (let step = Number(state); step < node.steps; step += 1) {
          before = this.#register(stepName(index, step), true, before.bits);
        }
        return before;
      }
      case 'add':
      case 'result': {
        const sources = this.#passedBits(this.#form(index), stage - 1);
        return this.#register(stageName(index, stage), isState(this.#graph, index), sources);
      }
    }
  }

  /** By bit of a sum: the one that it is; null where something is added or turned over. */
  #passedBits(form: StoredForm, stage: number): readonly (RegisterBit | null)[] {
    const { low, words: added } = addedBits(form);
    const sources: (RegisterBit | null)[] = Array.from({ length: form.bits }, () => null);
    for (const word of form.words) {
      this.#at(word.node, stage).bits.forEach((bit, index) => {
        const place = word.shift + index;
        if (place >= form.bits) return;
        if ((place < low || added === 1) && !word.complement) sources[place] = bit;
        else read(bit);
      });
    }
    return sources;
  }

  #register(name: string, onStep: boolean, sources: readonly (RegisterBit | null)[]): Register {
    const enable = onStep ? 'on a step' : 'always';
    const kind: RegisterKind = this.#reset.has(name) ? `${enable}, reset` : enable;
    return { name, bits: sources.map((source) => bitAfter(source, kind)) };
  }
}

function read(bit: RegisterBit): void {
  bit.readers += 1;
}

/** The register bit of a kind that takes over another one: the same for all that do. */
function bitAfter(source: RegisterBit | null, kind: RegisterKind): RegisterBit {
  const known = source?.followers.get(kind);
  if (known !== undefined) return known;
  const bit: RegisterBit = { source, kind, followers: new Map(), readers: 0 };
  if (source !== null) {
    read(source);
    source.followers.set(kind, bit);
  }
  return bit;
}

/** Registers of one kind up to a bit that nothing else looks at, with itself; 0 with a reset. */
function runLength(last: RegisterBit): number {
  if (last.kind.endsWith('reset')) return 0;
  let length = 1;
  let { source } = last;
  while (source !== null && source.kind === last.kind && source.readers === 1) {
    length += 1;
    ({ source } = source);
  }
  return length;
}
