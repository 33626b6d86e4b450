import { printable } from '../../base/diagnostics.ts';

/** Text that is HTML already; only `markup` and `joinMarkup` make it. */
export interface Markup {
  readonly kind: 'markup';
  readonly text: string;
}

/** What may stand in a hole of the template: plain values are escaped, markup is kept. */
export type MarkupHole = string | number | Markup | readonly Markup[];

const nameLengthMaximum = 400;

/**
 * Template tag for HTML. Every hole that is not markup is escaped for element content and
 * for quoted attributes, so a name from a model can never become a tag or leave its quotes.
 */
export function markup(parts: TemplateStringsArray, ...holes: readonly MarkupHole[]): Markup {
  const text = parts.reduce((sum, part, index) => {
    const hole = holes[index - 1];
    return sum + (hole === undefined ? '' : render(hole)) + part;
  });
  return { kind: 'markup', text };
}

/** Pieces one after the other. */
export function joinMarkup(pieces: readonly Markup[], separator = ''): Markup {
  return { kind: 'markup', text: pieces.map((piece) => piece.text).join(separator) };
}

/** Nothing. */
export const empty: Markup = { kind: 'markup', text: '' };

/** Text made safe for HTML; control and direction characters are shown as `\u202e`. */
export function escapeHtml(text: string): string {
  return printable(text, nameLengthMaximum)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('`', '&#96;');
}

function render(hole: MarkupHole): string {
  if (typeof hole === 'number') return String(hole);
  if (typeof hole === 'string') return escapeHtml(hole);
  if ('kind' in hole) return hole.text;
  return joinMarkup(hole).text;
}
