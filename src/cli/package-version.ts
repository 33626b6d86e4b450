import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Version in nzflow's own package.json, two levels up from src/cli as well as from dist/cli. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
