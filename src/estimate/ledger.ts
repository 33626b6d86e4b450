import { ceilDivide } from '../base/bits.ts';
import type { BoardFamily } from '../ir/board.ts';
import type { MemoryKind } from '../ir/plan.ts';
import { blockMemories, blockWays, ultraMemory } from '../plan/resources/memories.ts';
import type { EnergyCategory, EnergyEvent, EventCount } from './energy-event.ts';

/** What happens to a memory in an inference. */
interface MemoryAccess {
  readonly kind: MemoryKind;
  readonly reads: number;
  readonly writes: number;
  /** Bits of a word, and words of an instance. */
  readonly width: number;
  readonly depth: number;
  /** Cycles of all its instances together; without a read it is clocked idly. */
  readonly cycles: number;
}

/** Collects the events of one layer; amounts of nothing are left out. */
export class Ledger {
  readonly events: EventCount[] = [];
  readonly #layer: string | null;
  readonly #family: BoardFamily;

  constructor(layer: string | null, family: BoardFamily) {
    this.#layer = layer;
    this.#family = family;
  }

  add(
    event: EnergyEvent,
    category: EnergyCategory,
    perInference: number,
    memory?: { readonly widthBits: number; readonly blocks: number },
  ): void {
    if (perInference <= 0) return;
    this.events.push({ layer: this.#layer, event, category, perInference, ...memory });
  }

  /** Reads, writes and, of block memory, idle cycles: words of other addresses lie in blocks that wait. */
  access(
    category: EnergyCategory,
    { kind, reads, writes, width, depth, cycles }: MemoryAccess,
  ): void {
    if (kind === 'logic') {
      this.add('lutram-bit', category, (writes + reads) * width);
      return;
    }
    const ram = kind === 'block' ? 'bram' : 'uram';
    const { ways, blocks } = waysOf(this.#family, kind, width, depth);
    const memory = { widthBits: width, blocks };
    this.add(`${ram}-write`, category, writes, memory);
    this.add(`${ram}-read`, category, reads, memory);
    this.add(`${ram}-idle-cycle`, category, ways * cycles - reads, memory);
  }

  /** How often an event happens in the layer, so far. */
  total(event: EnergyEvent): number {
    return this.events
      .filter((count) => count.event === event)
      .reduce((sum, { perInference }) => sum + perInference, 0);
  }
}

/** Groups of blocks that hold different words, and blocks of a group; halves are BRAM18. */
function waysOf(
  family: BoardFamily,
  kind: 'block' | 'ultra',
  width: number,
  depth: number,
): { readonly ways: number; readonly blocks: number } {
  const wanted =
    kind === 'block' ? blockMemories(family, width, depth) : ultraMemory(width, depth).uram;
  const ways = kind === 'block' ? blockWays(family, width, depth) : ceilDivide(depth, 4096);
  return { ways, blocks: wanted / ways };
}
