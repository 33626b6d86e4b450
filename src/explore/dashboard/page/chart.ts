import { LineChart, ParallelChart, ScatterChart } from 'echarts/charts';
import {
  GridComponent,
  MarkAreaComponent,
  MarkLineComponent,
  ParallelComponent,
  TooltipComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import type { EChartsCoreOption, EChartsType } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import { fontFamily, theme } from './theme.ts';

use([
  CanvasRenderer,
  GridComponent,
  LineChart,
  MarkAreaComponent,
  MarkLineComponent,
  ParallelChart,
  ParallelComponent,
  ScatterChart,
  TooltipComponent,
]);

/** A chart on the page. */
export interface Chart {
  /**
   * Replaces what is drawn; says in words what there is to see. Of the kinds of components in `kept`
   * those with the same id keep what the user did to them.
   */
  draw(option: EChartsCoreOption, description: string, kept?: readonly string[]): void;
  readonly library: EChartsType;
}

/** What charts need to know of trials: what to do at a click, what to say under the mouse. */
export interface TrialActions {
  open(trial: number): void;
  words(trial: number): string;
}

/** A chart in an element; a click on what has a trial opens it. */
export function chartIn(container: HTMLElement, { open, words }: TrialActions): Chart {
  const library = init(container, null, { renderer: 'canvas' });
  container.setAttribute('role', 'img');
  new ResizeObserver(() => library.resize()).observe(container);
  library.on('click', ({ data }) => {
    const trial = trialOf(data);
    if (trial !== null) open(trial);
  });
  return {
    library,
    draw(option, description, kept = []) {
      container.setAttribute('aria-label', description);
      const base = { animation: false, textStyle: { fontFamily }, tooltip: tooltip(words) };
      const mode = kept.length === 0 ? { notMerge: true } : { replaceMerge: ['series', ...kept] };
      library.setOption({ ...base, ...option }, mode);
    },
  };
}

/** A point of a scatter chart: across, up, number of the trial. */
export type Mark = readonly [number, number, number];

/** A line through all axes. */
export interface MarkedLine {
  readonly value: readonly number[];
  readonly trial: number;
}

function trialOf(data: unknown): number | null {
  if (Array.isArray(data)) return typeof data[2] === 'number' ? data[2] : null;
  if (typeof data !== 'object' || data === null || !('trial' in data)) return null;
  return typeof data.trial === 'number' ? data.trial : null;
}

/** Drawn on the canvas: its text cannot become markup. */
function tooltip(words: (trial: number) => string): object {
  const { ink, line, surface } = theme();
  return {
    trigger: 'item',
    renderMode: 'richText',
    confine: true,
    backgroundColor: surface,
    borderColor: line,
    textStyle: { color: ink, fontSize: 12, fontFamily },
    formatter: ({ data }: { readonly data: unknown }) => {
      const trial = trialOf(data);
      // braces would be taken for styles
      return trial === null ? '' : words(trial).replaceAll('{', '(').replaceAll('}', ')');
    },
  };
}
