import { formatCount, formatCycles, formatMicroseconds, plural } from '../format.ts';
import type { Report, ReportVariant } from '../schema.ts';
import { oneCopyInterval, reportVariants } from '../variants.ts';
import { markup, type Markup } from './markup.ts';
import { cssPercent, figure, section, variantTag } from './parts.ts';

type PipelineBar = ReportVariant['pipeline'][number];

const inferenceShades = 4;

/** Layers times inferences over time, one picture per variant that was simulated. */
export function pipeline(report: Report): Markup {
  const pictures = reportVariants(report).filter(({ variant }) => variant.pipeline.length > 0);
  if (pictures.length === 0) return markup``;
  return section(
    'pipeline',
    'The pipeline over time',
    'The first inferences of one copy under full load; a bar runs from the first value a layer takes to the last it gives, its number is the inference. Each picture has its own time axis.',
    markup`${pictures.map(({ name, variant }) => {
      const interval = oneCopyInterval(variant);
      const every = interval === null ? '' : `an inference every ${formatCycles(interval)} cycles`;
      return figure(
        markup`${variantTag(name)} <span class="sense">${every}</span>`,
        gantt(variant),
      );
    })}`,
  );
}

function gantt(variant: ReportVariant): Markup {
  const end = Math.max(1, ...variant.pipeline.map((bar) => bar.endCycle));
  const inferences = new Set(variant.pipeline.map((bar) => bar.inference)).size;
  const rows = variant.layers.map(({ name }) => {
    const rails = intoRails(variant.pipeline.filter((bar) => bar.layer === name));
    return markup`<div class="gantt-row"><span class="bar-label name" title="${name}">${name}</span><span class="rails">${rails.map(
      (rail) => markup`<span class="rail">${rail.map((bar) => ganttBar(bar, end))}</span>`,
    )}</span></div>
`;
  });
  const perCycleUs = variant.timing === null ? null : 1 / variant.timing.clockMHz;
  const ticks = axisTicks(end).map((cycle) => {
    const time = perCycleUs === null || cycle === 0 ? '' : formatMicroseconds(cycle * perCycleUs);
    return markup`<span class="tick" style="left:${cssPercent(cycle / end)}"><b>${formatCount(cycle)}</b> <span>${time}</span></span>`;
  });
  const label = `${plural(variant.layers.length, 'layer')}, ${plural(inferences, 'inference')}, ${formatCount(end)} cycles`;
  return markup`<div class="gantt" role="img" aria-label="${label}">${rows}<div class="gantt-row axis"><span class="bar-label">cycles</span><span class="rails">${ticks}</span></div></div>`;
}

function ganttBar(bar: PipelineBar, end: number): Markup {
  const share = (bar.endCycle - bar.startCycle) / end;
  const title = `inference ${formatCount(bar.inference)}: cycle ${formatCycles(bar.startCycle)} to ${formatCycles(bar.endCycle)}`;
  const number = share > 0.025 ? formatCount(bar.inference) : '';
  return markup`<i class="work p-${bar.inference % inferenceShades}" style="left:${cssPercent(bar.startCycle / end)};width:${cssPercent(share)}" title="${title}">${number}</i>`;
}

/** Bars of one layer on as few rails as possible so that none covers another. */
function intoRails(bars: readonly PipelineBar[]): readonly (readonly PipelineBar[])[] {
  const rails: PipelineBar[][] = [];
  for (const bar of [...bars].sort((a, b) => a.startCycle - b.startCycle)) {
    const free = rails.find((rail) => (rail.at(-1)?.endCycle ?? 0) <= bar.startCycle);
    if (free === undefined) rails.push([bar]);
    else free.push(bar);
  }
  return rails;
}

/** Four to eight round positions from 0; none so near the end that its text would be cut. */
function axisTicks(end: number): readonly number[] {
  const rough = end / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10) * power);
  const ticks: number[] = [];
  for (let cycle = 0; cycle <= end * 0.93; cycle += step) ticks.push(cycle);
  return ticks;
}
