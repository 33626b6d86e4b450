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
  /** Replaces what is drawn; says in words what there is to see. */
  draw(option: EChartsCoreOption, words: string): void;
  readonly library: EChartsType;
}

/** A chart in an element; a click on something that has a trial opens it. */
export function chartIn(container: HTMLElement, open: (trial: number) => void): Chart {
  const library = init(container, null, { renderer: 'canvas' });
  container.setAttribute('role', 'img');
  new ResizeObserver(() => library.resize()).observe(container);
  library.on('click', ({ data }) => {
    const trial = trialOf(data);
    if (trial !== null) open(trial);
  });
  return {
    library,
    draw(option, words) {
      container.setAttribute('aria-label', words);
      const base = { animation: false, textStyle: { fontFamily }, tooltip: tooltip() };
      library.setOption({ ...base, ...option }, { notMerge: true, lazyUpdate: false });
    },
  };
}

/** What charts keep beside coordinates, so that a click finds the trial and a tooltip its words. */
export interface Marked {
  readonly value: readonly number[];
  readonly trial: number;
  readonly words: string;
}

function trialOf(data: unknown): number | null {
  if (typeof data !== 'object' || data === null || !('trial' in data)) return null;
  return typeof data.trial === 'number' ? data.trial : null;
}

/** Drawn on the canvas: its text cannot become markup. */
function tooltip(): object {
  const { ink, line, surface } = theme();
  return {
    trigger: 'item',
    renderMode: 'richText',
    confine: true,
    backgroundColor: surface,
    borderColor: line,
    textStyle: { color: ink, fontSize: 12, fontFamily },
    formatter: ({ data }: { readonly data: unknown }) =>
      typeof data === 'object' && data !== null && 'words' in data
        ? String(data.words).replaceAll('{', '(').replaceAll('}', ')')
        : '',
  };
}
