import type { Random } from '../tail/random.ts';

/** A source that keeps what it offers until it is taken, with gaps of its own choosing. */
export class Source<Beat> {
  private readonly random: Random;
  private readonly busy: number;
  private readonly next: () => Beat;
  private offered: Beat | null = null;

  constructor(random: Random, busy: number, next: () => Beat) {
    this.random = random;
    this.busy = busy;
    this.next = next;
  }

  /** What is offered this cycle; null for nothing. */
  offer(): Beat | null {
    if (this.offered === null && this.random.chance(this.busy)) this.offered = this.next();
    return this.offered;
  }

  taken(): void {
    this.offered = null;
  }
}
