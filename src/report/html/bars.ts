import { cssPercent } from './parts.ts';
import { empty, markup, type Markup } from './markup.ts';

export interface Bar {
  readonly label: Markup;
  /** Null where there is no value; `text` then says why. */
  readonly value: number | null;
  /** Ends of a line drawn across the bar. */
  readonly range?: { readonly low: number; readonly high: number };
  /** A light bar behind: the most the value could be. */
  readonly limit?: number;
  readonly text: Markup;
  /** Colour class of the bar. */
  readonly className: string;
}

/**
 * Horizontal bars on one linear scale from zero; each value is written beside its bar, so
 * the picture says nothing that the text does not.
 */
export function barChart(label: string, bars: readonly Bar[]): Markup {
  const scale = Math.max(
    0,
    ...bars.flatMap((bar) => [bar.value ?? 0, bar.range?.high ?? 0, bar.limit ?? 0]),
  );
  return markup`<div class="bars" role="list" aria-label="${label}">${bars.map((bar) => barRow(bar, scale))}</div>
`;
}

function barRow(bar: Bar, scale: number): Markup {
  const share = (value: number): string => cssPercent(scale === 0 ? 0 : value / scale);
  const limit =
    bar.limit === undefined
      ? empty
      : markup`<i class="limit ${bar.className}" style="width:${share(bar.limit)}"></i>`;
  const fill =
    bar.value === null
      ? empty
      : markup`<i class="fill ${bar.className}" style="width:${share(bar.value)}"></i>`;
  const range =
    bar.range === undefined
      ? empty
      : markup`<i class="range" style="left:${share(bar.range.low)};width:${share(bar.range.high - bar.range.low)}"></i>`;
  return markup`<div class="bar" role="listitem"><span class="bar-label">${bar.label}</span><span class="track" aria-hidden="true">${limit}${fill}${range}</span><span class="bar-text">${bar.text}</span></div>
`;
}

export interface Segment {
  readonly className: string;
  readonly label: string;
  readonly value: number;
  /** The value with its unit, for the tooltip and for screen readers. */
  readonly text: string;
}

/** One bar of stacked segments, `scale` wide at 100 %. */
export function stackedBar(
  label: string,
  segments: readonly Segment[],
  scale: number,
  text: Markup,
): Markup {
  const visible = segments.filter((segment) => segment.value > 0);
  const spoken = visible.map((segment) => `${segment.label} ${segment.text}`).join(', ');
  return markup`<div class="bar stacked" role="listitem"><span class="bar-label name" title="${label}">${label}</span><span class="track" role="img" aria-label="${spoken}">${visible.map(
    (segment) =>
      markup`<i class="segment ${segment.className}${segment.value < scale * 0.012 ? ' thin' : ''}" style="width:${cssPercent(scale === 0 ? 0 : segment.value / scale)}" title="${segment.label}: ${segment.text}"></i>`,
  )}</span><span class="bar-text">${text}</span></div>
`;
}
