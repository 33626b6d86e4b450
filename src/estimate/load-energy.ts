import type { Board, Bracket } from '../ir/board.ts';
import type { LoadPlan, Plan } from '../ir/plan.ts';
import { partsOf } from '../plan/memories/load-stream.ts';
import { planResources } from '../plan/resources/plan-resources.ts';
import type { EventCount } from './energy-event.ts';
import { estimateEnergy } from './energy.ts';

/** Registers of the load bus on its way to a memory, half of whose bits change with a beat. */
const busRegisters = 3;
const toggleShare = 0.5;

/**
 * Energy of loading all weights once, which belongs to no inference: every word written into all its
 * memories, the load bus, and clock tree and static power for `cycles` cycles.
 */
export function loadEnergy(plan: Plan, load: LoadPlan, board: Board, cycles: number): Bracket {
  const { copies, clockMHz } = plan;
  const event = (
    name: EventCount['event'],
    category: EventCount['category'],
    count: number,
    widthBits?: number,
  ): EventCount => {
    const common = { layer: null, event: name, category, perInference: count };
    return widthBits === undefined ? common : { ...common, widthBits };
  };
  const writes = plan.memories.map((memory) => {
    const memories = memory.instances * copies;
    if (memory.memory === 'logic') {
      return event('lutram-bit', 'weights', memory.depth * memory.widthBits * memories);
    }
    const parts = partsOf(memory, load.beatBits);
    const count = memory.depth * parts * memories;
    const write = memory.memory === 'ultra' ? 'uram-write' : 'bram-write';
    return event(write, 'weights', count, memory.widthBits / parts);
  });
  const { ff } = planResources(plan, board.family).total;
  const events = [
    ...writes,
    event('ff-toggle', 'control', toggleShare * busRegisters * load.beats * load.beatBits),
    event('clock-ff-cycle', 'clock', ff * cycles),
  ];
  return estimateEnergy(events, board, { cyclesPerInference: cycles, clockMHz }).perInferenceUj;
}
