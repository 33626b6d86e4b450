import { createHash } from 'node:crypto';
import { markup, type Markup } from '../../report/html/markup.ts';
import { section } from '../../report/html/parts.ts';
import type { Report } from '../../report/schema.ts';
import type { DashboardData } from './dashboard-schema.ts';
import { pageStyle } from './page-style.ts';

export interface PageContent {
  readonly data: DashboardData;
  /** By number of the trial. */
  readonly reports: ReadonlyMap<number, Report>;
  /** The program of the page, notices of what it is made from before it. */
  readonly script: string;
  /** It asks its server for news. */
  readonly live: boolean;
}

/**
 * The page of a search as one HTML file. It loads nothing and runs nothing but its own script, which the
 * policy names by its hash; only a live page may talk to its server. Data is JSON in which no tag can
 * begin; the script makes text nodes of it. The same content gives the same bytes.
 */
export function renderPage({ data, reports, script, live }: PageContent): string {
  return markup`<!doctype html>
<html lang="en" data-live="${String(live)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${raw(contentPolicy(script, live))}">
<link rel="icon" href="data:,">
<title>Search ${data.name}</title>
${raw(`<style>${pageStyle}</style>`)}
</head>
<body>
<main class="wide">
<header>
<p class="eyebrow">nzflow explore</p>
<h1 id="title">Search ${data.name}</h1>
<div class="facts" id="facts"></div>
<p class="note" id="live" role="status"></p>
<noscript><p class="warnings">This page draws itself with a script, which is switched off here.</p></noscript>
</header>
<div class="tiles" id="tiles" style="margin-top: 20px"></div>
${filter}
${sections}
<footer>Drawn by ${data.tool.name} with Apache ECharts (Apache License 2.0) and zrender (BSD 3-Clause); their notices are in the source of this page. Nothing is loaded from anywhere.</footer>
</main>
<dialog id="record" aria-labelledby="record-title"></dialog>
${jsonElement('data', data)}
${jsonElement('reports', Object.fromEntries(reports))}
${raw(`<script>${script}</script>`)}
</body>
</html>
`.text;
}

/** What the page may do. `data:` is for its empty icon. */
export function contentPolicy(script: string, live: boolean): string {
  const hash = createHash('sha256').update(script).digest('base64');
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}'`,
    "style-src 'unsafe-inline'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    ...(live ? ["connect-src 'self'"] : []),
  ].join('; ');
}

function raw(text: string): Markup {
  return { kind: 'markup', text };
}

/** JSON that no browser takes for markup, whatever it holds. */
function jsonElement(id: string, value: unknown): Markup {
  const text = JSON.stringify(value).replaceAll('<', '\\u003c');
  return raw(`<script type="application/json" id="${id}">${text}</script>`);
}

function select(id: string, label: string): Markup {
  return markup`<label>${label} <select id="${id}"></select></label>`;
}

const filter = markup`<form class="filter" role="search" aria-label="Trials looked at">
<strong id="filter-count" role="status"></strong>
<input id="filter-words" type="search" placeholder="Words: pattern=complementary" aria-label="Words in a trial's row">
<select id="filter-state" aria-label="State of the trial"></select>
<span id="filter-brushes"></span>
<button type="button" id="filter-reset">Show all</button>
</form>
`;

const sections: readonly Markup[] = [
  section(
    'front',
    'Pareto front',
    'Each point is a trial; a click opens it. Shaded is where the thresholds of the two metrics hold, dashed are the thresholds. Grey trials miss a threshold, here or in another metric; diamonds are on the front of all objectives.',
    markup`<div class="controls">${select('front-x', 'Across')}${select('front-y', 'Up')}</div>
<div class="chart" id="front-chart"></div>
<p class="note" id="front-note"></p>`,
  ),
  section(
    'parallel',
    'Parallel coordinates',
    'A line is a trial. Drag along an axis to keep the trials in that interval, here and in all other views; click the axis to let go. Below an axis stand trials in which the parameter is not active, or without that metric. Thick lines are on the front.',
    markup`<div class="controls">${select('parallel-colour', 'Colour by')}</div>
<div class="scroll" role="region" aria-label="Parallel coordinates" tabindex="0"><div class="chart" id="parallel-chart"></div></div>
<p class="note" id="parallel-note"></p>
<details><summary>Intervals by keyboard</summary><div class="axis-filters" id="axis-filters"></div></details>`,
  ),
  markup`<div class="grid">${section(
    'history',
    'History',
    'Every job in the order of the search; the line is the best feasible value through the last task.',
    markup`<div class="controls">${select('history-metric', 'Metric')}</div>
<ul class="legend" id="history-key"></ul>
<div class="chart" id="history-chart"></div>`,
  )}${section(
    'importance',
    'Parameter importance',
    'By how much a random forest errs more about the metric when the values of one parameter are shuffled, as a share of the metric’s variance.',
    markup`<div class="controls">${select('importance-metric', 'Metric')}</div>
<div class="bars" id="importance-bars" role="list" aria-label="Parameter importance"></div>
<p class="note" id="importance-note"></p>`,
  )}</div>`,
  section(
    'pair',
    'Metric against metric',
    '',
    markup`<div class="controls">${select('pair-x', 'Across')}${select('pair-y', 'Up')}${select('pair-colour', 'Colour by')}</div>
<ul class="legend" id="pair-key"></ul>
<div class="chart" id="pair-chart"></div>`,
  ),
  section(
    'trials',
    'Trials',
    'Those that the filter and the intervals let through; a click on a heading sorts, a click on a trial opens all that is known of it.',
    markup`<div class="scroll" role="region" aria-label="Trials" tabindex="0"><table id="trial-table"></table></div>
<nav class="pager" id="trial-pager" aria-label="Pages of trials"></nav>`,
  ),
];
