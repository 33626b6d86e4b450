/**
 * A word of Tcl that stands for exactly this text: nothing in it is substituted, split or ended.
 * Text with braces or a backslash is written character by character.
 */
export function tclWord(text: string): string {
  if (/^[\w./:-]+$/.test(text)) return text;
  if (!/[{}\\\n\r]/.test(text)) return `{${text}}`;
  const escaped = Array.from(text, (character) =>
    /[\w./:-]/.test(character) ? character : tclEscape(character),
  );
  return escaped.join('');
}

function tclEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? `\\x${code.toString(16).padStart(2, '0')}` : character;
}

/** A Tcl list of words, one a line. */
export function tclList(words: readonly string[], indent = '  '): string {
  return words.length === 0
    ? '[list]'
    : `[list \\\n${words.map((word) => `${indent}${tclWord(word)} \\\n`).join('')}]`;
}
