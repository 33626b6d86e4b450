import { readFile } from 'node:fs/promises';
import { dirname, join, isAbsolute } from 'node:path';
import { fail } from '../base/diagnostics.ts';
import { parseConfigDocument } from './config-document.ts';
import type { Config } from './config-schema.ts';
import { configSchema } from './config-schema.ts';
import { refuseSpecialFile } from './special-file.ts';

/**
 * Reads `nzflow.yaml`. Paths in it are relative to its own folder and come back relative to the
 * working directory (or absolute). Throws `UserError` with file:line:column of every mistake.
 */
export async function readConfig(file: string): Promise<Config> {
  return parseConfig(file, await readConfigText(file));
}

/** Keys whose value is a path whatever it looks like. */
const pathKeys = [
  'model',
  'buildDir',
  'inputs',
  'labels',
  'calibrate',
  'weightImage',
  'out',
  'junit',
  'summary',
  'oldReport',
  'newReport',
] as const;

/** As `readConfig`, from text. */
export function parseConfig(file: string, text: string): Config {
  const config = parseConfigDocument({ file, text, area: 'config' }, configSchema);
  const folder = dirname(file);
  const resolve = (path: string): string => (isAbsolute(path) ? path : join(folder, path));
  const paths: { -readonly [Key in keyof Config]?: Config[Key] } = {};
  for (const key of pathKeys) {
    const path = config[key];
    if (path !== undefined) paths[key] = resolve(path);
  }
  // A board is a path only if it looks like one.
  if (config.board !== undefined && /[/\\]|\.ya?ml$/.test(config.board))
    paths.board = resolve(config.board);
  return { ...config, ...paths };
}

async function readConfigText(file: string): Promise<string> {
  await refuseSpecialFile('config/unreadable', file);
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    return fail('config/unreadable', 'cannot read the configuration file', {
      place: file,
      remedy: 'check the path given with --config',
      cause,
    });
  }
}
