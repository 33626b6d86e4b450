import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';

/** Why a change that nothing notices is none that should be noticed, or what would be needed to. */
export interface MutantArgument {
  readonly file: string;
  /** The change as it is shown: the line with `⟦before→after⟧`. */
  readonly change: string;
  /** Function around it; '' for templates. */
  readonly inside: string;
  readonly why: string;
}

const schema = z.array(
  z.strictObject({
    file: z.string(),
    inside: z.string().default(''),
    change: z.string(),
    why: z.string().min(20),
  }),
);

/** All arguments, written by hand: `arguments.yaml`. */
export function readArguments(): readonly MutantArgument[] {
  const file = fileURLToPath(new URL('arguments.yaml', import.meta.url));
  return schema.parse(parse(readFileSync(file, 'utf8')));
}

/** What arguments and changes are matched by. */
export function argumentKey({
  file,
  inside,
  change,
}: Pick<MutantArgument, 'file' | 'inside' | 'change'>): string {
  return JSON.stringify([file, inside, change]);
}
