import { join } from 'node:path';
import { writeFileAtomic } from '../base/atomic-file.ts';
import { buildReport } from '../report/build-report.ts';
import { renderHtml } from '../report/html.ts';
import type { Report } from '../report/schema.ts';
import { readNetwork } from '../report/stored-network.ts';
import { readVariant } from '../report/stored-variant.ts';

/** Files of a report in a build folder. */
export const reportFiles = ['report.json', 'report.html'] as const;

/** Builds the report from what a build folder holds and writes `report.json` and `report.html`. */
export async function writeReport(folder: string): Promise<Report> {
  const network = await readNetwork(folder);
  const variants = await Promise.all(network.variants.map((name) => readVariant(folder, name)));
  const report = buildReport(network.report, network.board, variants);
  const html = renderHtml(report);
  await writeFileAtomic(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  await writeFileAtomic(join(folder, 'report.html'), html);
  return report;
}
