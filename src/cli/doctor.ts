import { existsSync } from 'node:fs';
import { exitCodes } from '../base/diagnostics.ts';
import type { Outcome } from '../options.ts';
import type { ToolStatus } from '../simulate/tools.ts';
import { compareVersions, findTool, simulationTools, toolNames } from '../simulate/tools.ts';

const minimumNode = '20.19';

/** One line of the doctor's finding. */
interface Finding {
  readonly name: string;
  readonly version: string | null;
  readonly path: string | null;
  readonly problem: string | null;
  readonly remedy: string | null;
  readonly neededFor: string;
  /** `run` and `simulate` cannot work while this has a problem. */
  readonly required: boolean;
}

/**
 * Looks at everything nzflow starts or needs. Exit code 0 when `run` and `simulate` can work,
 * 3 otherwise; a missing optional tool is told but is no failure.
 */
export async function doctor(): Promise<Outcome> {
  const tools = await Promise.all(toolNames.map(findTool));
  const findings = [nodeFinding(), ...tools.map(toolFinding), zlibFinding()];
  const ready = findings.every((finding) => !finding.required || finding.problem === null);
  return {
    exitCode: ready ? exitCodes.done : exitCodes.toolFailed,
    text: `${findings.map(findingText).join('\n')}\n\n${
      ready
        ? 'nzflow run and nzflow simulate can work here.'
        : 'nzflow run and nzflow simulate cannot work here.'
    }\n`,
    data: { ready, findings },
  };
}

function nodeFinding(): Finding {
  const version = process.versions.node;
  const old = compareVersions(version, minimumNode) < 0;
  return {
    name: 'node',
    version,
    path: process.execPath,
    problem: old ? `is version ${version}, needed is ${minimumNode} or newer` : null,
    remedy: old ? 'https://nodejs.org' : null,
    neededFor: 'everything',
    required: true,
  };
}

function toolFinding(status: ToolStatus): Finding {
  return {
    name: status.name,
    version: status.version,
    path: status.path,
    problem: status.problem,
    remedy: status.problem === null ? null : status.remedy,
    neededFor: status.neededFor,
    required: simulationTools.some((name) => name === status.name),
  };
}

/** Only where Linux keeps it; other systems bring zlib with their compiler. */
function zlibFinding(): Finding {
  const path = '/usr/include/zlib.h';
  const missing = process.platform === 'linux' && !existsSync(path);
  return {
    name: 'zlib',
    version: null,
    path: missing ? null : path,
    problem: missing ? 'headers are not installed' : null,
    remedy: missing ? 'apt-get install zlib1g-dev | dnf install zlib-devel | pacman -S zlib' : null,
    neededFor: '--trace',
    required: false,
  };
}

function findingText(finding: Finding): string {
  const verdict = finding.problem === null ? 'ok' : finding.required ? 'MISSING' : 'missing';
  const start = `${verdict.padEnd(8)} ${finding.name.padEnd(10)} ${(finding.version ?? '').padEnd(9)}`;
  if (finding.problem === null) return `${start} ${finding.path ?? ''}`.trimEnd();
  const remedy = finding.remedy === null ? '' : `\n         remedy: ${finding.remedy}`;
  return `${start} ${finding.problem} (for: ${finding.neededFor})${remedy}`;
}
