import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface SourceFile {
  readonly name: string;
  readonly content: string;
}

/** Without comments and layout. */
function bare(verilog: string): string {
  return verilog
    .replaceAll(/\/\/.*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/**
 * Identifies what is synthesised: the files of a unit and all templates that they use, directly or not.
 * Comments make no difference.
 */
export function verilogHash(files: readonly SourceFile[], templates: string): string {
  const names = readdirSync(templates).filter((name) => name.endsWith('.v'));
  const texts = new Map(
    names.map((name) => [name.slice(0, -2), bare(readFileSync(join(templates, name), 'utf8'))]),
  );
  const used = new Map<string, string>();
  const use = (text: string): void => {
    for (const word of new Set(text.match(/\b[a-z]\w*\b/g))) {
      const template = texts.get(word);
      if (template === undefined || used.has(word)) continue;
      used.set(word, template);
      use(template);
    }
  };
  const own = files.map(({ name, content }): readonly [string, string] => [
    name,
    name.endsWith('.v') ? bare(content) : content,
  ]);
  for (const [name, text] of own) if (name.endsWith('.v')) use(text);
  const all = [...own, ...[...used].sort(([one], [other]) => (one < other ? -1 : 1))];
  return createHash('sha256').update(JSON.stringify(all)).digest('hex').slice(0, 16);
}
