/** What a bit did in a window of time. */
export interface BitActivity {
  /** Time at 0, at 1, not known, not driven; they sum to the window. */
  readonly at0: number;
  readonly at1: number;
  readonly atX: number;
  readonly atZ: number;
  /** Changes between 0 and 1, both edges. */
  readonly toggles: number;
}

const states = '01xz';
const unknown = 2;

/** Values of signals over time, bit by bit. Only what happens in a window counts. */
export class ToggleCounter {
  readonly #start: number;
  readonly #end: number;
  readonly #first = new Map<string, number>();
  readonly #widths = new Map<string, number>();
  #bits = 0;
  #state = new Uint8Array(0);
  #since = new Float64Array(0);
  #times: readonly Float64Array[] = [];
  #toggles = new Float64Array(0);

  /** Counts from `start` on, before `end`. */
  constructor(start: number, end: number) {
    this.#start = start;
    this.#end = end;
  }

  /** A signal before the first change of any; what is known under the same code is the same signal. */
  declare(code: string, width: number): void {
    if (this.#first.has(code)) return;
    this.#first.set(code, this.#bits);
    this.#widths.set(code, width);
    this.#bits += width;
  }

  /** All signals are declared: they are unknown. */
  begin(): void {
    this.#state = new Uint8Array(this.#bits).fill(unknown);
    this.#since = new Float64Array(this.#bits);
    this.#times = [0, 1, 2, 3].map(() => new Float64Array(this.#bits));
    this.#toggles = new Float64Array(this.#bits);
  }

  /** The value of a signal from `time` on, most significant bit first; a short one is extended as VCD says. */
  change(code: string, value: string, time: number): void {
    const first = this.#first.get(code);
    const width = this.#widths.get(code) ?? 0;
    if (first === undefined) return;
    const lead = value.charAt(0).toLowerCase();
    // 0 and 1 are extended by 0, others by themselves
    const fill = lead === '1' ? '0' : lead;
    for (let bit = 0; bit < width; bit += 1) {
      const letter = bit < value.length ? value.charAt(value.length - 1 - bit) : fill;
      const state = states.indexOf(letter.toLowerCase());
      this.#set(first + bit, state < 0 ? unknown : state, time);
    }
  }

  #set(bit: number, state: number, time: number): void {
    const before = this.#state[bit] ?? unknown;
    if (before === state) return;
    this.#spend(bit, before, time);
    if (before < unknown && state < unknown && time >= this.#start && time < this.#end) {
      this.#toggles[bit] = (this.#toggles[bit] ?? 0) + 1;
    }
    this.#state[bit] = state;
    this.#since[bit] = time;
  }

  /** Books the time in a state until now. */
  #spend(bit: number, state: number, time: number): void {
    const clip = (at: number): number => Math.min(this.#end, Math.max(this.#start, at));
    const spent = clip(time) - clip(this.#since[bit] ?? 0);
    const times = this.#times[state];
    if (times !== undefined) times[bit] = (times[bit] ?? 0) + spent;
  }

  /** Of all bits of a signal, the least significant one first; times up to the end of the window. */
  activityOf(code: string): readonly BitActivity[] {
    const first = this.#first.get(code) ?? 0;
    return Array.from({ length: this.#widths.get(code) ?? 0 }, (_, index): BitActivity => {
      const bit = first + index;
      this.#spend(bit, this.#state[bit] ?? unknown, this.#end);
      this.#since[bit] = this.#end;
      const [at0 = 0, at1 = 0, atX = 0, atZ = 0] = this.#times.map((times) => times[bit] ?? 0);
      return { at0, at1, atX, atZ, toggles: this.#toggles[bit] ?? 0 };
    });
  }
}
