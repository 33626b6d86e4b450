import { join } from 'node:path';
import { fail } from '../base/diagnostics.ts';
import { present } from '../base/invariant.ts';
import type { Board } from '../ir/board.ts';
import type { DesignFile, Plan } from '../ir/plan.ts';
import type { Host, Outcome } from '../options.ts';
import { planResources } from '../plan/resources/plan-resources.ts';
import { formatCount, formatMegahertz, formatPercent } from '../report/format.ts';
import type { StoredNetwork } from '../report/stored-network.ts';
import { referenceFolder } from '../report/stored-network.ts';
import { templatePath, templatesUsed } from '../simulate/design-folder.ts';
import { predictWhole } from '../simulate/predict-run.ts';
import { readReference } from '../simulate/reference-store.ts';
import { requireTools } from '../simulate/tools.ts';
import { designSources } from '../synthesize/design-sources.ts';
import { boardVerilog, serialLine } from '../synthesize/ice40/board-top.ts';
import { ice40Device } from '../synthesize/ice40/device.ts';
import { implementIce40 } from '../synthesize/ice40/run.ts';
import type { Ice40Run } from '../synthesize/ice40/run.ts';
import { writeSynthesisResult } from '../synthesize/synthesis-result.ts';
import { resourceLines } from './resource-lines.ts';

interface Implemented {
  readonly plan: Plan;
  readonly run: Ice40Run;
}

/**
 * Bitstreams of designs for an iCE40 board, behind a serial line, in `<variant>/synth/ice40`; what place and route
 * found goes to `<variant>/synth/result.json`, which reports then use.
 */
export async function bitstreamVariants(
  folder: string,
  plans: readonly Plan[],
  network: StoredNetwork,
  host: Host,
): Promise<Outcome> {
  const { board } = network;
  const device = ice40Device(board);
  const [yosys, nextpnr, icepack] = await requireTools(['yosys', 'nextpnr-ice40', 'icepack']);
  const all: Implemented[] = [];
  for (const plan of plans) {
    refuseStreams(plan);
    host.progress.phase(`placing and routing ${plan.variant}`);
    const variantFolder = join(folder, plan.variant);
    const reference = await readReference(join(folder, referenceFolder), network.sizes);
    const line = serialLine(plan, plan.clockMHz, predictWhole(plan, reference).interval);
    const top = boardVerilog(plan, device.pins, line);
    const run = await implementIce40({
      plan,
      device,
      line,
      top,
      variantFolder,
      templates: await addedTemplates(top, join(variantFolder, 'hdl')),
      tools: {
        yosys: present(yosys, 'Yosys was found'),
        nextpnr: present(nextpnr, 'nextpnr was found'),
        icepack: present(icepack, 'icepack was found'),
      },
      signal: host.signal,
      onLine: (line) => host.progress.update(null, line),
    });
    await writeSynthesisResult(variantFolder, run.result);
    all.push({ plan, run });
  }
  const lines = all.flatMap((one) => linesOf(one, board));
  return {
    exitCode: 0,
    text: `${lines.join('\n')}\nReports use these with: nzflow report ${folder}\n`,
    data: {
      variants: Object.fromEntries(
        all.map(({ plan, run: { bitstream, line, result } }) => [
          plan.variant,
          { bitstream, line, result },
        ]),
      ) as object,
    },
  };
}

/** A serial line has no place for a second stream. */
function refuseStreams({ variant, load, weightStream }: Plan): void {
  if (load === undefined && weightStream === undefined) return;
  fail('usage/ice40', `weights of ${variant} come over a stream`, {
    place: '--tool ice40',
    remedy: 'build it with --weights fixed, or name other variants',
  });
}

/** Templates that the top of the board needs besides those of the design. */
async function addedTemplates(top: DesignFile, hdlFolder: string): Promise<readonly string[]> {
  const { verilog } = await designSources(hdlFolder);
  const used = await templatesUsed([top.content]);
  return used.filter((name) => !verilog.includes(name)).map(templatePath);
}

function linesOf({ plan, run }: Implemented, board: Board): readonly string[] {
  const { result, bitstream, line } = run;
  const predicted = planResources(plan, board.family).total;
  const clock = present(result.timing, 'a routed design is timed');
  return [
    `${plan.variant} (${result.tool}):`,
    ...resourceLines(result.resources, board, (kind) =>
      result.resources[kind] === 0
        ? ''
        : `, model ${formatPercent(predicted[kind] / result.resources[kind] - 1)} off`,
    ),
    `  Clock   ${formatMegahertz(clock.maximumClockMHz)} at most, ${formatMegahertz(plan.clockMHz)} planned, placed and routed`,
    `  Serial  ${formatCount(line.baud)} baud, 8N1: ${formatCount(line.bytesIn)} bytes in, ${formatCount(line.bytesOut)} bytes out`,
    `  Bitstream ${bitstream}`,
  ];
}
