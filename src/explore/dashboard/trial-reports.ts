import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { parseReport } from '../../report/schema.ts';
import type { Report } from '../../report/schema.ts';

/**
 * Reports of trials that went through the last task, in a folder beside the store. A convenience: the
 * search does not depend on them, and what cannot be written or read counts as not kept.
 */
export interface TrialReports {
  /** Of a search that begins: what an earlier one left under this name is no report of its trials. */
  clear(): Promise<void>;
  keep(trial: number, report: Report): Promise<void>;
  /** Trials that have one, in order. */
  list(): Promise<readonly number[]>;
  read(trial: number): Promise<Report | null>;
}

export function trialReports(store: string): TrialReports {
  const folder = `${store}.reports`;
  const pathOf = (trial: number): string => join(folder, `trial-${String(trial)}.json`);
  return {
    async clear() {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
    },
    async keep(trial, report) {
      await writeFileAtomic(pathOf(trial), JSON.stringify(report));
    },
    async list() {
      const names = await readdir(folder).catch(() => []);
      return names
        .flatMap((name) => {
          const number = /^trial-(\d+)\.json$/.exec(name)?.[1];
          return number === undefined ? [] : [Number(number)];
        })
        .sort((a, b) => a - b);
    },
    async read(trial) {
      try {
        return parseReport(JSON.parse(await readFile(pathOf(trial), 'utf8')));
      } catch {
        return null;
      }
    },
  };
}
