import process from 'node:process';

/**
 * Does `work` for the entries named on the command line, for all of them when none is. The exit
 * code: 0 all went well, 1 something did not, 2 a name is unknown, 130 interrupted.
 */
export async function forChosen<Entry>(
  what: string,
  entries: Readonly<Record<string, Entry>>,
  names: readonly string[],
  work: (name: string, entry: Entry, signal: AbortSignal) => Promise<boolean>,
): Promise<number> {
  const unknown = names.find((name) => !Object.hasOwn(entries, name));
  if (unknown !== undefined) {
    console.error(`unknown ${what} ${unknown}: one of ${Object.keys(entries).join(', ')}`);
    return 2;
  }
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort(new Error('interrupted')));
  try {
    let exitCode = 0;
    for (const [name, entry] of Object.entries(entries)) {
      if (names.length > 0 && !names.includes(name)) continue;
      if (!(await work(name, entry, controller.signal))) exitCode = 1;
    }
    return exitCode;
  } catch (error) {
    if (controller.signal.aborted) return 130;
    throw error;
  }
}
