/** Our own mistake, never the user's: reaching it is a bug in nzflow. */
export class InvariantError extends Error {
  constructor(message: string) {
    super(`internal error, please report: ${message}`);
    this.name = 'InvariantError';
  }
}

/** Throws `InvariantError` unless the condition holds. */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The value, which must be there: for look-ups that cannot miss by construction. */
export function present<Value>(value: Value | undefined | null, message: string): Value {
  if (value === undefined || value === null) throw new InvariantError(message);
  return value;
}

/** Ends a `switch` over a kind, so that a new kind is a type error at every switch. */
export function unreachable(value: never): never {
  throw new InvariantError(`unexpected kind ${JSON.stringify(value)}`);
}
