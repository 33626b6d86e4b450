/**
 * Runs `work` on all items, at most `limit` at once; results in order. The first failure aborts
 * the others and is thrown when they have ended.
 */
export async function inParallel<Item, Result>(
  limit: number,
  items: readonly Item[],
  outer: AbortSignal,
  work: (item: Item, index: number, signal: AbortSignal) => Promise<Result>,
): Promise<readonly Result[]> {
  const controller = new AbortController();
  const signal = AbortSignal.any([outer, controller.signal]);
  const results = new Map<number, Result>();
  let failure: { readonly error: unknown } | null = null;
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failure === null) {
      const index = next;
      next += 1;
      const item = items[index];
      if (item === undefined) return;
      try {
        results.set(index, await work(item, index, signal));
      } catch (error) {
        failure ??= { error };
        controller.abort(error);
        return;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
  throwFailure(failure);
  return items.flatMap((_, index) => results.get(index) ?? []);
}

/** Apart, because the compiler does not see the assignment inside the worker. */
function throwFailure(failure: { readonly error: unknown } | null): void {
  if (failure !== null) throw failure.error;
}
