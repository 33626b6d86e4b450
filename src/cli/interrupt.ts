/** The part of `process` that tells of signals. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: () => void): unknown;
  off(signal: NodeJS.Signals, listener: () => void): unknown;
}

export interface Interrupt {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Exit code of the signal that came (130 or 143), null when none did. */
  exitCode(): number | null;
  /** Stops listening. */
  dispose(): void;
}

const exitCodeOf = { SIGINT: 130, SIGTERM: 143 } as const;

/** How long a command may take to clean up before it is ended anyway. */
const graceMilliseconds = 10_000;

/**
 * Turns Ctrl-C into an abort: the command ends its children and removes what is half written.
 * A second signal, or ten seconds without an end, calls `giveUp` with the exit code.
 */
export function listenForInterrupt(
  source: SignalSource,
  onFirst: () => void,
  giveUp: (exitCode: number) => void,
): Interrupt {
  const controller = new AbortController();
  let code: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  const listener = (name: keyof typeof exitCodeOf) => (): void => {
    if (code !== null) {
      giveUp(code);
      return;
    }
    const exitCode = exitCodeOf[name];
    code = exitCode;
    timer = setTimeout(() => giveUp(exitCode), graceMilliseconds);
    onFirst();
    controller.abort(new Error(`interrupted by ${name}`));
  };
  const onInterrupt = listener('SIGINT');
  const onTerminate = listener('SIGTERM');
  source.on('SIGINT', onInterrupt);
  source.on('SIGTERM', onTerminate);
  return {
    signal: controller.signal,
    exitCode: () => code,
    dispose() {
      clearTimeout(timer);
      source.off('SIGINT', onInterrupt);
      source.off('SIGTERM', onTerminate);
    },
  };
}
