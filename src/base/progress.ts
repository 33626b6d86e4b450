/**
 * How long-running library code tells its caller where it is. The command line draws it,
 * tests and other programs pass `silentProgress`.
 */
export interface Progress {
  /** A new phase begins ("building sparse-sparse"); ends the one before it. */
  phase(name: string): void;
  /** `fraction` 0 to 1 of the current phase, or null when it cannot be told. */
  update(fraction: number | null, text: string): void;
  /** One line worth keeping: a warning or a result of a phase. */
  note(text: string): void;
  /** The last phase ended well. */
  done(): void;
}

export const silentProgress: Progress = {
  phase: () => undefined,
  update: () => undefined,
  note: () => undefined,
  done: () => undefined,
};
