import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of the hand-written modules. */
export const templateFolder = fileURLToPath(new URL('../../../hdl-templates/', import.meta.url));

/** Names of all hand-written modules. */
export const templateNames: readonly string[] = readdirSync(templateFolder)
  .filter((name) => name.endsWith('.v'))
  .map((name) => name.slice(0, -'.v'.length))
  .sort();

const texts: ReadonlyMap<string, string> = new Map(
  templateNames.map((name) => [name, readFileSync(join(templateFolder, `${name}.v`), 'utf8')]),
);

/** A module and all templates it instantiates, itself first. */
export function withSubmodules(name: string): readonly string[] {
  const found = [name];
  for (const module of found) {
    const text = texts.get(module) ?? '';
    for (const other of templateNames) {
      if (!found.includes(other) && new RegExp(`^\\s*${other} (#\\(|u_)`, 'm').test(text)) {
        found.push(other);
      }
    }
  }
  return found;
}

/** Whether a template has such an input. */
export function hasPort(name: string, port: string): boolean {
  return new RegExp(`^  input .*\\b${port}\\b`, 'm').test(texts.get(name) ?? '');
}

/** Paths of a module's file and those it needs. */
export function sourcesOf(name: string): readonly string[] {
  return withSubmodules(name).map((module) => join(templateFolder, `${module}.v`));
}

/** Writes the memory images that the default parameters of the templates name. */
export function writeDefaultImages(folder: string): void {
  const names = [...texts.values()].flatMap((text) =>
    [...text.matchAll(/File = "(\w+)(\.mem)?"/g)].map(
      // names without an ending are numbered by the template
      ([, name = '', ending]) => `${name}${ending ?? '000.mem'}`,
    ),
  );
  for (const name of new Set(names)) writeFileSync(join(folder, name), '0\n');
}

/** What a tool said: nothing where it accepts the design without a warning. */
export function complaints(tool: string, options: readonly string[], folder: string): string {
  const run = spawnSync(tool, options, { cwd: folder, encoding: 'utf8', timeout: 110_000 });
  if (run.error !== undefined) throw run.error;
  const text = `${run.stdout}${run.stderr}`
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n');
  return run.status === 0 ? text : `exit ${run.status ?? 'by signal'}\n${text}`;
}

/** Verilator, all warnings. `files` relative to the folder or absolute. */
export function verilatorLint(folder: string, top: string, files: readonly string[]): string {
  const options = ['--lint-only', '-Wall', '--top-module', top, ...files];
  return complaints('verilator', options, folder);
}

/** Icarus, elaboration only. (`-o /dev/null` as root would replace the device.) */
export function icarusLoad(folder: string, top: string, files: readonly string[]): string {
  const options = ['-g2005', '-Wall', '-Wno-timescale', '-t', 'null', '-s', top, ...files];
  return complaints('iverilog', options, folder);
}

/** Yosys: elaborates, and every instance has a module and every named port exists. */
export function yosysLoad(folder: string, top: string, files: readonly string[]): string {
  const script = `read_verilog -defer ${files.join(' ')}; hierarchy -check -top ${top}; proc; check -assert`;
  return complaints('yosys', ['-q', '-p', script], folder);
}
