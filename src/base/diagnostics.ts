/**
 * What a user can have done wrong, as data. Every message a user sees names the place
 * and the remedy; everything else that goes wrong is ours and goes through `invariant`.
 */

/** Process exit codes of the command line (a contract with scripts and CI). */
export const exitCodes = {
  done: 0,
  mismatch: 1,
  badInput: 2,
  toolFailed: 3,
  doesNotFit: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export interface Diagnostic {
  /** Stable kebab-case code, `area/what`, for example `model/unsupported-operator`. */
  readonly code: string;
  /** What is wrong, one sentence, no trailing period. */
  readonly message: string;
  /** Where: an ONNX node name, `file:line:column`, an option; null when there is no place. */
  readonly place: string | null;
  /** What the user can do about it; null when the message says it all. */
  readonly remedy: string | null;
}

/** As many as a person looks through; the others are data all the same. */
const mostShown = 200;

/** One or more mistakes of the user (or of their machine), reported all at once. */
export class UserError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  readonly exitCode: ExitCode;

  constructor(
    diagnostics: readonly Diagnostic[],
    exitCode: ExitCode = exitCodes.badInput,
    options?: { readonly cause?: unknown },
  ) {
    const shown = diagnostics.slice(0, mostShown).map(formatDiagnostic);
    const rest = diagnostics.length - shown.length;
    super([...shown, ...(rest === 0 ? [] : [`and ${rest} more`])].join('\n'), options);
    this.name = 'UserError';
    this.diagnostics = diagnostics;
    this.exitCode = exitCode;
  }
}

/** `place: message [code]` and the remedy on a line of its own. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const place = diagnostic.place === null ? '' : `${printable(diagnostic.place)}: `;
  const remedy = diagnostic.remedy === null ? '' : `\n  remedy: ${printable(diagnostic.remedy)}`;
  return `${place}${printable(diagnostic.message)} [${diagnostic.code}]${remedy}`;
}

/** Throws a `UserError` with a single diagnostic. */
export function fail(
  code: string,
  message: string,
  where: {
    readonly place?: string;
    readonly remedy?: string;
    readonly exitCode?: ExitCode;
    readonly cause?: unknown;
  } = {},
): never {
  throw new UserError(
    [{ code, message, place: where.place ?? null, remedy: where.remedy ?? null }],
    where.exitCode ?? exitCodes.badInput,
    where.cause === undefined ? undefined : { cause: where.cause },
  );
}

/**
 * Text from a model or a file name made safe for a terminal: control characters are
 * escaped and very long text is cut in the middle.
 */
export function printable(text: string, maximumLength = 2000): string {
  const escaped = Array.from(text, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const control = (code < 0x20 && code !== 0x0a) || (code >= 0x7f && code < 0xa0);
    const direction = code === 0x2028 || code === 0x2029 || (code >= 0x202a && code <= 0x202e);
    return control || direction ? `\\u${code.toString(16).padStart(4, '0')}` : character;
  }).join('');
  if (escaped.length <= maximumLength) return escaped;
  const half = Math.floor(maximumLength / 2);
  return `${escaped.slice(0, half)}…${escaped.slice(-half)}`;
}
