import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Name and version from nzflow's own package.json, two levels up from src/read and dist/read. */
export function toolIdentity(): { readonly name: 'nzflow'; readonly version: string } {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(text));
  return { name: 'nzflow', version };
}
