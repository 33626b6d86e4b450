import type { Terminal } from '../../src/cli/terminal.ts';

export interface FakeTerminal extends Terminal {
  output(): string;
  errors(): string;
  /** Moves the clock. */
  pass(milliseconds: number): void;
}

/** A terminal that keeps what is written to it and whose clock stands still. */
export function fakeTerminal(live = false): FakeTerminal {
  let output = '';
  let errors = '';
  let now = 0;
  return {
    writeOutput: (text) => {
      output += text;
    },
    writeError: (text) => {
      errors += text;
    },
    live,
    columns: 80,
    color: false,
    now: () => now,
    output: () => output,
    errors: () => errors,
    pass: (milliseconds) => {
      now += milliseconds;
    },
  };
}
