import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { fail } from '../base/diagnostics.ts';
import type { ExploreOptions, ExploreView, ExploreViewOptions } from '../options.ts';
import { exploreViews } from '../options.ts';
import { nonEmpty, positiveInteger } from './option-values.ts';

/** Options as commander hands them over, parsed. */
interface ExploreFlags {
  readonly store?: string;
  readonly workers?: number;
  readonly queue?: string;
  /** `true` without a port. */
  readonly serve?: number | true;
  readonly format?: 'csv' | 'json';
  readonly out?: string;
  readonly json?: boolean;
}

/** What the command calls. */
export interface ExploreHandlers {
  search(options: ExploreOptions, json: boolean): Promise<void>;
  view(options: ExploreViewOptions, json: boolean): Promise<void>;
}

/** Adds `nzflow explore` to the program; everything about a search but its store stands in its file. */
export function addExploreCommand(program: Command, handlers: ExploreHandlers): void {
  const command = program
    .command('explore')
    .description('Search of sparsity, number formats and hardware together, as explore.yaml says.')
    .argument(
      '[view]',
      `${exploreViews.join(', ')}: what a search has found; else the search itself`,
    )
    .argument('[explore.yaml]', 'what to search, for what, with which tasks');
  for (const option of options()) command.addOption(option);
  command.addHelpText(
    'after',
    `
Examples:
  $ nzflow explore explore.yaml --workers 2
  $ nzflow explore explore.yaml --queue redis://10.0.0.1   # and: nzflow worker redis://10.0.0.1
  $ nzflow explore status explore.yaml
  $ nzflow explore best explore.yaml > best.yaml
  $ nzflow explore export explore.yaml --format csv -o trials.csv
  $ nzflow explore explore.yaml --serve 8080
  $ nzflow explore html explore.yaml -o page.html

A search that was ended in whatever way goes on when it is started again with the same file.`,
  );
  command.action(async (first: unknown, second: unknown) => {
    const flags = command.optsWithGlobals<ExploreFlags>();
    const words = [first, second].filter((word): word is string => typeof word === 'string');
    const view = exploreViews.find((name) => name === words[0]) ?? null;
    const json = flags.json ?? false;
    if (view === null) await handlers.search(searchOptions(words, flags), json);
    else await handlers.view(viewOptions(view, words.slice(1), flags), json);
  });
}

function options(): readonly Option[] {
  return [
    new Option(
      '--store <file>',
      'keeps the trials (default: explore.trials beside the file)',
    ).argParser(nonEmpty),
    new Option('--workers <n>', 'trials at once (default: one a processor)').argParser(
      positiveInteger,
    ),
    new Option(
      '--queue <redis://host:6379/0>',
      'trials are looked at by `nzflow worker` on any machine, over Redis or Valkey',
    ).argParser(nonEmpty),
    new Option('--format <name>', 'csv or json, of export (default: csv)').argParser(format),
    new Option(
      '--serve [port]',
      'a page that follows the search, for this machine alone (default: any free port)',
    ).argParser(port),
    new Option(
      '-o, --out <file>',
      'file that export (default: the terminal) or html (default: explore.trials.html) writes',
    ).argParser(nonEmpty),
    new Option('--json', 'machine-readable result on stdout, everything else on stderr'),
  ];
}

function format(text: string): 'csv' | 'json' {
  if (text === 'csv' || text === 'json') return text;
  throw new InvalidArgumentError('it is csv or json');
}

function port(text: string): number {
  const number = Number(text);
  if (/^\d{1,5}$/.test(text) && number <= 65535) return number;
  throw new InvalidArgumentError('it is a port, 0 to 65535');
}

function searchOptions(words: readonly string[], flags: ExploreFlags): ExploreOptions {
  for (const name of ['format', 'out'] as const) {
    if (flags[name] === undefined) continue;
    fail('usage/explore', `--${name} belongs to \`nzflow explore export\``, { place: `--${name}` });
  }
  if (flags.queue !== undefined && flags.workers !== undefined) {
    fail('usage/explore', '--workers is of a search on this machine alone', {
      place: '--workers',
      remedy: 'with --queue give it to `nzflow worker`',
    });
  }
  return {
    definition: file(words),
    ...storeOf(flags),
    ...workersOf(flags),
    ...serveOf(flags),
    ...(flags.queue === undefined ? {} : { queue: flags.queue }),
  };
}

function viewOptions(
  view: ExploreView,
  words: readonly string[],
  flags: ExploreFlags,
): ExploreViewOptions {
  if (flags.serve !== undefined)
    fail('usage/explore', '--serve belongs to the search itself', { place: '--serve' });
  return {
    view,
    definition: file(words),
    ...storeOf(flags),
    ...(flags.format === undefined ? {} : { format: flags.format }),
    ...(flags.out === undefined ? {} : { out: flags.out }),
  };
}

function storeOf({ store }: ExploreFlags): { readonly store?: string } {
  return store === undefined ? {} : { store };
}

function workersOf({ workers }: ExploreFlags): { readonly workers?: number } {
  return workers === undefined ? {} : { workers };
}

function serveOf({ serve }: ExploreFlags): { readonly serve?: number } {
  return serve === undefined ? {} : { serve: serve === true ? 0 : serve };
}

function file([path, more]: readonly string[]): string {
  if (path === undefined) {
    fail('usage/no-search', 'no search is given', {
      remedy: 'give the path of an explore.yaml; docs/explore.md describes it',
    });
  }
  if (more !== undefined) {
    fail('usage/explore', `"${path}" is none of ${exploreViews.join(', ')}`, {
      place: path,
      remedy: 'give one file',
    });
  }
  return path;
}
