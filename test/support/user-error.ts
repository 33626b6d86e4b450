import { UserError, type Diagnostic } from '../../src/base/diagnostics.ts';

/** The diagnostics of the `UserError` that `action` must throw. */
export function diagnosticsOf(action: () => unknown): readonly Diagnostic[] {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** The same for a promise. */
export async function diagnosticsOfPromise(
  promise: Promise<unknown>,
): Promise<readonly Diagnostic[]> {
  try {
    await promise;
  } catch (error) {
    return diagnosticsOf(() => {
      throw error;
    });
  }
  throw new Error('nothing was refused');
}

/** The `UserError` that `action` must end with. */
export async function userErrorOf(action: () => Promise<unknown>): Promise<UserError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}
