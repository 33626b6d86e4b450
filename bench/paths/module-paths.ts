import { templateOf } from '../../src/synthesize/layer-synthesis.ts';
import type { NetlistModule } from '../../src/synthesize/netlist.ts';
import { describePath } from '../../src/synthesize/describe-path.ts';
import type { LogicPath } from '../../src/synthesize/logic-depth.ts';
import { longestPaths } from '../../src/synthesize/logic-depth.ts';

/** LUT levels a path may have; a carry chain of 24 bits between two LUTs counts as as many. */
export const allowedLevels = 5;

/** The longest path in a template, whatever its parameters. */
export interface TemplatePath {
  readonly template: string;
  readonly path: LogicPath;
}

/** Longest paths by template, longest first. A path through several modules belongs to the one that holds all of it. */
export function templatePaths(
  modules: ReadonlyMap<string, NetlistModule>,
  top: string,
): readonly TemplatePath[] {
  const longest = new Map<string, LogicPath>();
  for (const { module, path } of longestPaths(modules, top)) {
    const template = templateOf(module);
    if (path.levels > (longest.get(template)?.levels ?? 0)) longest.set(template, path);
  }
  return [...longest]
    .map(([template, path]) => ({ template, path }))
    .sort((a, b) => b.path.levels - a.path.levels);
}

/** Lines of a table: everything too long with its nets, of the rest the levels alone. */
export function pathLines(paths: readonly TemplatePath[]): readonly string[] {
  return paths.flatMap(({ template, path }) => {
    const tooLong = path.levels > allowedLevels;
    const line = `  ${tooLong ? 'LONG' : '    '}  ${template.padEnd(22)} ${describePath(path)}`;
    return tooLong ? [line, `          ${path.nets.join(' > ')}`] : [line];
  });
}
