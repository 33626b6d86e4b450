import type { MemoryKind } from '../ir/plan.ts';
import type { EnergyCategory, EnergyEvent, EventCount } from './energy-event.ts';

/** What happens to a memory in an inference. */
interface MemoryAccess {
  readonly kind: MemoryKind;
  readonly reads: number;
  readonly writes: number;
  /** Bits of a word. */
  readonly width: number;
  /** Cycles of all its instances together; without a read it is clocked idly. */
  readonly cycles: number;
}

/** Collects the events of one layer; amounts of nothing are left out. */
export class Ledger {
  readonly events: EventCount[] = [];
  readonly #layer: string | null;

  constructor(layer: string | null) {
    this.#layer = layer;
  }

  add(
    event: EnergyEvent,
    category: EnergyCategory,
    perInference: number,
    widthBits?: number,
  ): void {
    if (perInference <= 0) return;
    const count = { layer: this.#layer, event, category, perInference };
    this.events.push(widthBits === undefined ? count : { ...count, widthBits });
  }

  access(category: EnergyCategory, { kind, reads, writes, width, cycles }: MemoryAccess): void {
    if (kind === 'logic') {
      this.add('lutram-bit', category, (writes + reads) * width);
      return;
    }
    const ram = kind === 'block' ? 'bram' : 'uram';
    this.add(`${ram}-write`, category, writes, width);
    this.add(`${ram}-read`, category, reads, width);
    this.add(`${ram}-idle-cycle`, category, cycles - reads, width);
  }
}
