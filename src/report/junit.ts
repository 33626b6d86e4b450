import { printable } from '../base/diagnostics.ts';
import { expectationLine } from './expectations.ts';
import { formatCount, plural } from './format.ts';
import type { Report } from './schema.ts';
import { misfit, reportVariants } from './variants.ts';
import type { NamedVariant } from './variants.ts';

interface TestCase {
  readonly name: string;
  readonly seconds: number;
  /** A check that found something. */
  readonly failure?: string;
  /** Something that could not be checked at all. */
  readonly error?: string;
  readonly skipped?: string;
}

interface Suite {
  readonly name: string;
  readonly cases: readonly TestCase[];
}

/**
 * A run as JUnit XML, the form that CI servers show: a suite a variant (equal to the reference,
 * in the predicted cycles, fits its board) and one of the expectations. `misfitFails`: that a
 * variant does not fit fails the run, and is not only told.
 */
export function junitOfReport(report: Report, options: { readonly misfitFails: boolean }): string {
  const variants = reportVariants(report).map((named): Suite => {
    const fits = fitCase(report, named, options.misfitFails);
    return { name: named.name, cases: [fits, ...checks(report, named)] };
  });
  const expected = (report.expectations ?? []).map((one): TestCase => {
    const base = { name: one.text, seconds: 0 };
    return one.met ? base : { ...base, failure: expectationLine(one) };
  });
  const suites = expected.length === 0 ? [] : [{ name: 'expectations', cases: expected }];
  return junit(report.model.name, [...variants, ...suites]);
}

/** A run that ended before there was a report. */
export function junitOfFailure(name: string, message: string): string {
  return junit(name, [{ name: 'nzflow', cases: [{ name: 'run', seconds: 0, error: message }] }]);
}

function fitCase(report: Report, { variant }: NamedVariant, fails: boolean): TestCase {
  const base = { name: `fits ${report.board.name}`, seconds: 0 };
  const why = misfit(variant);
  if (why === null) return base;
  return fails ? { ...base, failure: why } : { ...base, skipped: why };
}

function checks(report: Report, { name, variant }: NamedVariant): readonly TestCase[] {
  const { verification: run, cycles } = variant;
  if (run === null) {
    const skipped = variant.reason ?? 'not simulated';
    return [{ name: 'equals the reference', seconds: 0, skipped }];
  }
  const differs = report.warnings.find((line) => line.startsWith(`${name} does not equal`));
  const exact: TestCase = {
    name: `equals the reference on ${plural(run.samples, 'sample')}`,
    seconds: run.seconds,
    ...(run.mismatches === 0
      ? {}
      : { failure: `${formatCount(run.mismatches)} differences. ${differs ?? ''}`.trim() }),
  };
  if (cycles === null || cycles.interval === null || cycles.latency === null) return [exact];
  const cases: readonly TestCase[] = [
    cycleCase('interval', cycles.interval, cycles.modelInterval),
    cycleCase('latency', cycles.latency, cycles.modelLatency),
  ];
  return [exact, ...cases];
}

/** Another count is no wrong result: it is told, and fails nothing. */
function cycleCase(what: string, measured: number, predicted: number): TestCase {
  const name = `${what} as predicted: ${predicted} cycles`;
  if (measured === predicted) return { name, seconds: 0 };
  return { name, seconds: 0, skipped: `${measured} cycles measured` };
}

function junit(name: string, suites: readonly Suite[]): string {
  const count = (cases: readonly TestCase[]): string => {
    const of = (key: 'failure' | 'error' | 'skipped'): number =>
      cases.filter((one) => one[key] !== undefined).length;
    const seconds = cases.reduce((sum, one) => sum + one.seconds, 0);
    return (
      `tests="${cases.length}" failures="${of('failure')}" errors="${of('error')}" ` +
      `skipped="${of('skipped')}" time="${seconds.toFixed(3)}"`
    );
  };
  const all = suites.flatMap(({ cases }) => cases);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(`nzflow ${name}`)}" ${count(all)}>`,
    ...suites.flatMap((suite) => [
      `  <testsuite name="${escapeXml(suite.name)}" ${count(suite.cases)}>`,
      ...suite.cases.flatMap((one) => caseLines(suite.name, one)),
      '  </testsuite>',
    ]),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function caseLines(suite: string, one: TestCase): readonly string[] {
  const open =
    `    <testcase classname="${escapeXml(`nzflow.${suite}`)}" name="${escapeXml(one.name)}" ` +
    `time="${one.seconds.toFixed(3)}"`;
  const inside = (['failure', 'error', 'skipped'] as const).flatMap((kind) => {
    const message = one[kind];
    return message === undefined ? [] : [`      <${kind} message="${escapeXml(message)}"/>`];
  });
  return inside.length === 0 ? [`${open}/>`] : [`${open}>`, ...inside, '    </testcase>'];
}

const messageLengthMaximum = 2000;

/** For element content and attributes; control characters, which XML does not allow, are shown. */
function escapeXml(text: string): string {
  return printable(text, messageLengthMaximum)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replace(/[\ufffe\uffff]/g, '?');
}
