import { join } from 'node:path';
import type { Board } from '../ir/board.ts';
import type { Plan } from '../ir/plan.ts';
import type { Host, Outcome } from '../options.ts';
import { formatMegahertz } from '../report/format.ts';
import { findOnPath } from '../simulate/tools.ts';
import { writeSynthesisResult } from '../synthesize/synthesis-result.ts';
import type { SynthesisResult } from '../synthesize/synthesis-result.ts';
import { resourceLines } from './resource-lines.ts';
import { synthesizeWithVendor } from '../synthesize/vendor-run.ts';
import type { VendorTool } from '../synthesize/vendor-run.ts';

interface Implemented {
  readonly plan: Plan;
  readonly folder: string;
  /** Null where only the project was written. */
  readonly result: SynthesisResult | null;
}

/**
 * Projects for a tool of a vendor in `<variant>/synth/<tool>`. Where it is on PATH it runs on them, one after another;
 * what it found, here or before on another machine, goes to `<variant>/synth/result.json`.
 */
export async function implementVariants(
  tool: VendorTool,
  folder: string,
  plans: readonly Plan[],
  board: Board,
  host: Host,
): Promise<Outcome> {
  const program = await findOnPath(tool.program);
  const all: Implemented[] = [];
  for (const plan of plans) {
    host.progress.phase(
      `${program === null ? 'writing a project of' : 'implementing'} ${plan.variant}`,
    );
    const variantFolder = join(folder, plan.variant);
    const result = await synthesizeWithVendor({
      tool,
      plan,
      board,
      variantFolder,
      program,
      signal: host.signal,
      onLine: (line) => host.progress.update(null, line),
    });
    if (result !== null) await writeSynthesisResult(variantFolder, result);
    all.push({ plan, folder: join(variantFolder, tool.folder), result });
  }
  return {
    exitCode: 0,
    text: `${[...all.flatMap((one) => linesOf(one, tool, board)), ...closing(all, tool, folder)].join('\n')}\n`,
    data: {
      variants: Object.fromEntries(
        all.map((one) => [one.plan.variant, { project: one.folder, result: one.result }]),
      ) as object,
    },
  };
}

function linesOf(
  { plan, folder, result }: Implemented,
  { title, toType }: VendorTool,
  board: Board,
): readonly string[] {
  if (result === null) {
    const [first = '', ...more] = toType(plan, board);
    return [
      `${plan.variant}: ${title} is not on PATH. Where it is:`,
      `  cd ${shellWord(folder)} && ${first}`,
      ...more,
    ];
  }
  const { tool, resources, timing, power } = result;
  const clock =
    timing === undefined
      ? []
      : [
          `  Clock   ${formatMegahertz(timing.maximumClockMHz)} at most, ${formatMegahertz(plan.clockMHz)} planned, ` +
            `${timing.routed ? 'placed and routed' : 'wires guessed'}`,
        ];
  const watts =
    power === undefined
      ? []
      : [`  Power   ${power.dynamicWatts} W dynamic, ${power.staticWatts} W static`];
  return [`${plan.variant} (${tool}):`, ...resourceLines(resources, board), ...clock, ...watts];
}

function closing(
  all: readonly Implemented[],
  { name }: VendorTool,
  folder: string,
): readonly string[] {
  return all.some(({ result }) => result !== null)
    ? [`Reports use these with: nzflow report ${shellWord(folder)}`]
    : [`Then read the results with: nzflow synth ${shellWord(folder)} --tool ${name}`];
}

/** A word for a shell that somebody pastes it into. */
function shellWord(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
