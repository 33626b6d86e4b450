import { readFile } from 'node:fs/promises';

/** The program of the page, as the build bundles it beside this file. */
export async function pageScript(): Promise<string> {
  return await readFile(new URL('./page/main.js', import.meta.url), 'utf8');
}
