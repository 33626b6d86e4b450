import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, URL } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** What a result depends on. */
const sources = ['src', 'hdl-templates', 'sim', 'boards', 'test/support', 'test/evaluate'];

/**
 * The facts of the seeds that are done, a line each, so that a long run can be continued. Nothing is taken over
 * from a run of other sources: the first line is their hash.
 */
export function openJournal(file, goesOn) {
  const key = JSON.stringify({ sources: hashOfSources() });
  const done = goesOn ? linesOf(file, key) : null;
  if (done === null) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${key}\n`);
  }
  return { done: done ?? [], add: (facts) => appendFileSync(file, `${JSON.stringify(facts)}\n`) };
}

/** Null where there is no such file, or it is of other sources. */
function linesOf(file, key) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return null;
  }
  const [first, ...lines] = text.split('\n');
  if (first !== key) return null;
  // behind the last line end there is nothing, or half a line of a run that was killed
  const whole = lines.slice(0, -1);
  if (lines.at(-1) !== '') writeFileSync(file, `${[key, ...whole].join('\n')}\n`);
  return whole.map((line) => JSON.parse(line));
}

function hashOfSources() {
  const hash = createHash('sha256');
  for (const folder of sources) {
    const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    for (const path of files.map(({ parentPath, name }) => join(parentPath, name)).sort()) {
      hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
    }
  }
  return hash.digest('hex');
}
