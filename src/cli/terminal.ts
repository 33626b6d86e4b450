/** Where the command line writes and what it knows of its surroundings; faked in tests. */
export interface Terminal {
  writeOutput(text: string): void;
  writeError(text: string): void;
  /** A person watches stderr: live progress is welcome. */
  readonly live: boolean;
  /** Characters that fit on a line of stderr. */
  readonly columns: number;
  /** A person reads stdout and has not asked for plain text (NO_COLOR). */
  readonly color: boolean;
  /** Milliseconds from any fixed moment. */
  now(): number;
}

/** The terminal of this process. A reader that goes away (`nzflow … | head`) is not an error. */
export function processTerminal(): Terminal {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const { env } = process;
  const continuousIntegration = (env['CI'] ?? '') !== '';
  return {
    writeOutput: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    live: process.stderr.isTTY && !continuousIntegration && env['TERM'] !== 'dumb',
    columns: process.stderr.columns ?? 80,
    color: process.stdout.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    now: () => performance.now(),
  };
}
