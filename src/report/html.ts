import { assumptions } from './html/assumptions.ts';
import { budget } from './html/budget.ts';
import { chain } from './html/chain.ts';
import { comparison } from './html/comparison.ts';
import { energyRange } from './html/energy-range.ts';
import { layers } from './html/layers.ts';
import { markup, type Markup } from './html/markup.ts';
import { pipeline } from './html/pipeline.ts';
import { resources } from './html/resources.ts';
import { styleSheet } from './html/style.ts';
import { summary } from './html/summary.ts';
import { verification } from './html/verification.ts';
import type { Report } from './schema.ts';

/** The sections after the summary, in the order they are read. */
const sections: readonly ((report: Report) => Markup)[] = [
  comparison,
  chain,
  layers,
  budget,
  energyRange,
  pipeline,
  resources,
  verification,
  assumptions,
];

/**
 * The report as one HTML file that loads nothing: no script, style, font or picture from
 * elsewhere. Deterministic; every text from the model, files or tools is escaped.
 */
export function renderHtml(report: Report): string {
  const { model, board, tool } = report;
  const style: Markup = { kind: 'markup', text: `<style>${styleSheet}</style>` };
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${model.name} on ${board.name}: nzflow report</title>
${style}
</head>
<body>
<main>
${summary(report)}
${sections.map((render) => render(report))}
<footer>${tool.name} ${tool.version}. Model ${model.file}, SHA-256 ${model.sha256}. The same numbers for programs: report.json.</footer>
</main>
</body>
</html>
`.text;
}
