import { writeFileAtomic } from '../../base/atomic-file.ts';
import type { Report } from '../../report/schema.ts';
import { parseDefinition } from '../definition.ts';
import { readStore } from '../store.ts';
import { dashboardData } from './dashboard-data.ts';
import type { DashboardData } from './dashboard-schema.ts';
import { pageScript } from './page-script.ts';
import { renderPage } from './render-page.ts';
import { trialReports } from './trial-reports.ts';

/** Where a search leaves its page. */
export function pagePath(store: string): string {
  return `${store}.html`;
}

/** What a store holds, for the page. Throws `UserError` where it cannot be read. */
export async function readDashboard(store: string): Promise<DashboardData> {
  const { header, jobs } = await readStore(store);
  const definition = parseDefinition(store, header.definition);
  const reports = await trialReports(store).list();
  return dashboardData({ store, definition, header, jobs, reports });
}

/** Reports beyond this many bytes are left out of the page, those of the front last. */
const reportBytes = 6_000_000;

/** Writes the page of a store to a file, whole or not at all. */
export async function writePage(store: string, path: string): Promise<void> {
  const data = await readDashboard(store);
  const reports = await embeddedReports(store, data);
  const known = { ...data, reports: [...reports.keys()].sort((a, b) => a - b) };
  const script = await pageScript();
  await writeFileAtomic(path, renderPage({ data: known, reports, script, live: false }));
}

async function embeddedReports(
  store: string,
  { trials, reports }: DashboardData,
): Promise<ReadonlyMap<number, Report>> {
  const front = new Set(trials.flatMap(({ trial, onFront }) => (onFront ? [trial] : [])));
  const order = [
    ...reports.filter((trial) => front.has(trial)),
    ...reports.filter((trial) => !front.has(trial)),
  ];
  const taken = new Map<number, Report>();
  let bytes = 0;
  for (const trial of order) {
    const report = await trialReports(store).read(trial);
    if (report === null) continue;
    bytes += JSON.stringify(report).length;
    if (bytes > reportBytes) break;
    taken.set(trial, report);
  }
  return taken;
}
