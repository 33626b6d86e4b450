import { present } from '../../base/invariant.ts';
import { oncePer } from '../../base/once-per.ts';
import type { ScheduledGraph } from '../../ir/adder-graph.ts';
import { storedForms } from '../wired/offset-form.ts';
import { isState, stagesOfUses } from '../wired/schedule-graph.ts';
import { shiftEnds, shiftLength } from '../wired/shift-ends.ts';

/** Register bits of an adder graph as synthesis maps them. */
export interface MappedRegisters {
  readonly flipFlops: number;
  /** A LUT each, however long. */
  readonly shiftRegisters: number;
}

/** Counts runs of registers; the last one of a run may have a reset, which keeps it out of a shift register. */
class Runs {
  flipFlops = 0;
  shiftRegisters = 0;

  add(length: number, bits: number, withReset = false): void {
    if (withReset) {
      this.add(length - 1, bits);
      this.flipFlops += bits;
    } else if (length >= shiftLength) this.shiftRegisters += bits;
    else this.flipFlops += length * bits;
  }
}

/** Registers and shift registers of a graph, without those of its inputs. */
export const mappedRegisters = oncePer((graph: ScheduledGraph): MappedRegisters => {
  const runs = new Runs();
  const uses = stagesOfUses(graph);
  const readers = delayReaders(graph);
  const forms = storedForms(graph);
  graph.nodes.forEach((node, index) => {
    const { bits } = present(forms[index], 'a node');
    const seen = present(uses[index], 'uses');
    const stage = present(graph.stages[index], 'a stage');
    const delayed = present(readers[index], 'readers');
    const inDelay = node.kind === 'delay' || isState(graph, index);
    // what only a delay reads is the beginning of its registers
    const onlyDelayed = delayed.length === 1 && seen.length === 0 && inDelay;
    let length = inDelay || node.kind === 'input' ? 0 : 1;
    if (inDelay && !onlyDelayed) {
      runs.add(runLength(graph, readers, uses, index), bits, endsWithReset(graph, index));
    }
    const taps = new Set([...seen, ...(delayed.length > 0 && !inDelay ? [graph.latency - 1] : [])]);
    const last = Math.max(stage, ...taps);
    for (let at = stage; at <= last; at += 1) {
      if (at > stage) length += 1;
      if (!taps.has(at) && at < last) continue;
      runs.add(length, bits, length > 0 && shiftEnds(graph).atStage(index, at));
      length = 0;
    }
  });
  return runs;
});

/** Whether the last register of a state or delay has a reset. */
function endsWithReset(graph: ScheduledGraph, index: number): boolean {
  const ends = shiftEnds(graph);
  const node = present(graph.nodes[index], 'a node');
  if (node.kind !== 'delay') return ends.atStage(index, graph.latency);
  const own = node.steps - Number(isState(graph, node.a));
  return own > 0 ? ends.atStep(index, node.steps - 1) : ends.atStage(node.a, graph.latency);
}

/** Registers up to a state or delay that nothing else looks at in between. */
function runLength(
  graph: ScheduledGraph,
  readers: readonly (readonly number[])[],
  uses: readonly (readonly number[])[],
  index: number,
): number {
  const node = present(graph.nodes[index], 'a node');
  if (node.kind !== 'delay') return 1;
  const state = isState(graph, node.a);
  const before = graph.nodes[node.a]?.kind === 'delay' || state;
  const alone = readers[node.a]?.length === 1 && uses[node.a]?.length === 0;
  const own = node.steps - Number(state);
  return own + (before && alone ? runLength(graph, readers, uses, node.a) : 0);
}

/** By node: delays of it. */
function delayReaders({ nodes }: ScheduledGraph): readonly (readonly number[])[] {
  const readers: number[][] = nodes.map(() => []);
  nodes.forEach((node, index) => {
    if (node.kind === 'delay') present(readers[node.a], 'a node').push(index);
  });
  return readers;
}
