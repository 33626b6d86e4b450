import { join } from 'node:path';
import { present } from '../base/invariant.ts';
import { fitOf } from '../estimate/fit.ts';
import type { Board, Resources } from '../ir/board.ts';
import type { Plan } from '../ir/plan.ts';
import type { Host, Outcome } from '../options.ts';
import { planResources } from '../plan/resources/plan-resources.ts';
import { formatCells, formatPercent } from '../report/format.ts';
import { requireTools } from '../simulate/tools.ts';
import { describePath } from '../synthesize/describe-path.ts';
import type { LayerSynthesis } from '../synthesize/layer-synthesis.ts';
import type { LogicPath } from '../synthesize/logic-depth.ts';
import { resourceLines } from './resource-lines.ts';
import { writeSynthesisResult } from '../synthesize/synthesis-result.ts';
import { synthesizeWithYosys } from '../synthesize/yosys.ts';

interface Synthesized {
  readonly plan: Plan;
  readonly counted: Resources;
  readonly predicted: Resources;
  readonly path: LogicPath | null;
  readonly layers: readonly LayerSynthesis[];
}

/**
 * Synthesises designs of a build folder with Yosys, one after another, and writes
 * `<variant>/synth/result.json`, which reports then use in place of the resource model.
 */
export async function synthesizeVariants(
  folder: string,
  plans: readonly Plan[],
  board: Board,
  host: Host,
): Promise<Outcome> {
  const tools = await requireTools(['yosys']);
  const yosys = present(tools[0], 'Yosys was found');
  const results: Synthesized[] = [];
  for (const plan of plans) {
    host.progress.phase(`synthesising ${plan.variant}`);
    const variantFolder = join(folder, plan.variant);
    const {
      resources: counted,
      path,
      layers,
    } = await synthesizeWithYosys({
      hdlFolder: join(variantFolder, 'hdl'),
      synthFolder: join(variantFolder, 'synth'),
      program: present(yosys.path, 'Yosys has a path'),
      board,
      signal: host.signal,
      onLine: (line) => host.progress.update(null, line),
    });
    await writeSynthesisResult(variantFolder, {
      synthesisVersion: 1,
      tool: `Yosys ${yosys.version ?? ''}`.trim(),
      resources: counted,
      ...(path === null ? {} : { path }),
      layers,
    });
    results.push({
      plan,
      counted,
      path,
      layers,
      predicted: planResources(plan, board.family).total,
    });
  }
  return synthesisOutcome(folder, results, board);
}

function synthesisOutcome(folder: string, results: readonly Synthesized[], board: Board): Outcome {
  const lines = results.flatMap(({ plan, counted, predicted, path, layers }) => [
    `${plan.variant}:`,
    ...resourceLines(counted, board, (kind) =>
      counted[kind] === 0
        ? ''
        : `, model ${formatPercent(predicted[kind] / counted[kind] - 1)} off`,
    ),
    ...(path === null ? [] : [`  Longest path ${describePath(path)}`]),
    ...layerLines(plan, layers),
  ]);
  const variants = results.map(({ plan, counted, predicted, path, layers }) => [
    plan.variant,
    { tool: 'yosys', resources: counted, model: predicted, path, layers, ...fitOf(counted, board) },
  ]);
  return {
    exitCode: 0,
    text: `${lines.join('\n')}\nReports use these with: nzflow report ${folder}\n`,
    data: { variants: Object.fromEntries(variants) as object },
  };
}

/** What each layer takes, and the unit with its longest path. */
function layerLines(plan: Plan, layers: readonly LayerSynthesis[]): readonly string[] {
  if (layers.length === 0) return [];
  const rows = layers.map(({ layer, resources: { lut, ff, bram36, uram, dsp }, units }) => {
    const counts = [
      [lut, 'LUT'],
      [ff, 'FF'],
      [bram36, 'BRAM36'],
      [uram, 'URAM'],
      [dsp, 'DSP'],
    ] as const;
    const parts = counts
      .filter(([count]) => count > 0)
      .map(([count, name]) => `${formatCells(count)} ${name}`);
    const [first] = units;
    const path = first?.path ?? null;
    const way = path === null ? [] : [`${path.levels.toFixed(1)} levels in ${first?.unit ?? ''}`];
    return `    ${plan.layers[layer]?.name ?? ''}: ${[...parts, ...way].join(', ')}`;
  });
  return ['  Layers of one copy:', ...rows];
}
