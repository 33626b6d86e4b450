import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { fitOf } from '../estimate/fit.ts';
import type { Expectation } from '../ir/expectation.ts';
import { planResources } from '../plan/resources/plan-resources.ts';
import { buildReport, buildVariants } from '../report/build-report.ts';
import type { VariantFacts } from '../report/build-variant.ts';
import { checkExpectations } from '../report/expectations.ts';
import { renderHtml } from '../report/html.ts';
import type { Report } from '../report/schema.ts';
import { readNetwork, referenceFolder } from '../report/stored-network.ts';
import type { StoredNetwork } from '../report/stored-network.ts';
import { readVariant } from '../report/stored-variant.ts';
import { forecast } from '../simulate/predict-run.ts';
import type { Forecast } from '../simulate/predict-run.ts';
import { readReference } from '../simulate/reference-store.ts';
import { writeActivity } from './write-activity.ts';

/** Files of a report in a build folder. */
export const reportFiles = ['report.json', 'report.html'] as const;

/** What the models say of a variant that fits its board and was not simulated; else null. */
async function forecastOf(
  folder: string,
  { board, sizes }: StoredNetwork,
  { plan, measurement, synthesis }: Omit<VariantFacts, 'forecast'>,
): Promise<Forecast | null> {
  const resources = synthesis?.resources ?? planResources(plan, board.family).total;
  if (measurement !== null || !fitOf(resources, board).fits) return null;
  return forecast(plan, await readReference(join(folder, referenceFolder), sizes));
}

/**
 * Builds the report from what a build folder holds, with the verdict on what is expected, and writes
 * `report.json`, `report.html` and `<variant>/synth/power/activity.tcl`.
 */
export async function writeReport(
  folder: string,
  expected: readonly Expectation[] = [],
): Promise<Report> {
  const network = await readNetwork(folder);
  const stored = await Promise.all(network.variants.map((name) => readVariant(folder, name)));
  const variants: VariantFacts[] = [];
  for (const facts of stored) {
    variants.push({ ...facts, forecast: await forecastOf(folder, network, facts) });
  }
  const designs = buildVariants(network.report, network.board, variants);
  const built = buildReport(network.report, network.board, variants, designs);
  const report: Report =
    expected.length === 0 ? built : { ...built, expectations: checkExpectations(built, expected) };
  const html = renderHtml(report);
  await writeFileAtomic(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFileAtomic(join(folder, 'report.html'), html);
  for (const { name, energy } of designs) {
    const plan = variants.find((facts) => facts.plan.variant === name)?.plan;
    if (plan !== undefined) await writeActivity(folder, plan, network.board, energy);
  }
  return report;
}
