import type { VariantName } from '../../ir/variant.ts';
import { empty, markup, type Markup } from './markup.ts';

/** A numbered-free section with a heading, an introduction and its content. */
export function section(id: string, title: string, lead: string, content: Markup): Markup {
  const introduction = lead === '' ? empty : markup`<p class="lead">${lead}</p>`;
  return markup`<section id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${introduction}
${content}
</section>
`;
}

/** A picture with the sentence that says how to read it. */
export function figure(title: Markup, content: Markup, caption = ''): Markup {
  const note = caption === '' ? empty : markup`<p class="note">${caption}</p>`;
  return markup`<figure><figcaption>${title}</figcaption>${content}${note}</figure>
`;
}

export interface Column {
  readonly title: string;
  /** Explains a short title; shown as a tooltip. */
  readonly hint?: string;
  readonly align: 'left' | 'right';
}

export interface RowGroup {
  /** Heading across the group; null where the table has no groups. */
  readonly heading: Markup | null;
  /** One cell per column; the first is the row's header. */
  readonly rows: readonly (readonly Markup[])[];
}

/** A data table that scrolls sideways by itself where the window is narrow. */
export function dataTable(
  label: string,
  columns: readonly Column[],
  groups: readonly RowGroup[],
): Markup {
  const header = columns.map(
    ({ title, hint, align }) =>
      markup`<th scope="col" class="${align}"${hint === undefined ? empty : markup` title="${hint}"`}>${title}</th>`,
  );
  const bodies = groups.map(({ heading, rows }) => {
    const head =
      heading === null
        ? empty
        : markup`<tr class="group"><th scope="rowgroup" colspan="${columns.length}">${heading}</th></tr>`;
    return markup`<tbody>${head}${rows.map((cells) => tableRow(columns, cells))}</tbody>`;
  });
  return markup`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table>
<thead><tr>${header}</tr></thead>
${bodies}
</table></div>
`;
}

function tableRow(columns: readonly Column[], cells: readonly Markup[]): Markup {
  const shown = cells.map((cell, index) => {
    const align = columns[index]?.align ?? 'left';
    return index === 0
      ? markup`<th scope="row" class="${align}">${cell}</th>`
      : markup`<td class="${align}">${cell}</td>`;
  });
  return markup`<tr>${shown}</tr>
`;
}

/** The variant's colour chip and name. */
export function variantTag(name: VariantName): Markup {
  return markup`<span class="tag"><i class="chip v-${name}"></i>${name}</span>`;
}

/** What the colours of a picture stand for; `className` selects the colour. */
export function legend(
  entries: readonly { readonly className: string; readonly label: string }[],
): Markup {
  return markup`<ul class="legend">${entries.map(
    ({ className, label }) => markup`<li><i class="chip ${className}"></i>${label}</li>`,
  )}</ul>`;
}

/** A share 0..1 as a CSS percentage, never outside 0 to 100. */
export function cssPercent(share: number): string {
  const safe = Number.isFinite(share) ? Math.min(1, Math.max(0, share)) : 0;
  return `${String(Number((safe * 100).toFixed(3)))}%`;
}
