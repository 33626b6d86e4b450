import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodes, fail } from '../base/diagnostics.ts';
import type { DiffOptions, Outcome } from '../options.ts';
import { refuseSpecialFile } from '../read/special-file.ts';
import { diffReports, formatDiff, regressions } from '../report/diff.ts';
import { plural } from '../report/format.ts';
import { parseReport } from '../report/schema.ts';
import type { Report } from '../report/schema.ts';

/** `nzflow diff`: what changed between two reports, and whether it got worse. */
export async function compareReports(options: DiffOptions): Promise<Outcome> {
  const [before, after] = [await readReport(options.before), await readReport(options.after)];
  const diff = diffReports(before, after);
  const { allowedRegression: allowed } = options;
  const worse = allowed === undefined ? [] : regressions(diff, allowed);
  const percent = Number(((allowed ?? 0) * 100).toPrecision(10));
  const verdict =
    allowed === undefined
      ? ''
      : worse.length === 0
        ? `Nothing is more than ${percent} % worse\n`
        : `${plural(worse.length, 'figure is', 'figures are')} more than ${percent} % worse: ` +
          `${worse.map(({ of, figure }) => `${of}.${figure}`).join(', ')}\n`;
  return {
    exitCode: worse.length === 0 ? exitCodes.done : exitCodes.mismatch,
    text: `${formatDiff(diff)}${verdict}`,
    data: { ...diff, regressions: worse },
  };
}

async function readReport(path: string): Promise<Report> {
  const there = await stat(path).catch(() => null);
  const file = there?.isDirectory() === true ? join(path, 'report.json') : path;
  await refuseSpecialFile('report/unreadable', file);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    fail('report/unreadable', 'cannot read the report', {
      place: file,
      remedy: 'give the report.json that `nzflow run` wrote, or its build folder',
      cause,
    });
  }
  return parseReport(json, file);
}
