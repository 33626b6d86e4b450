import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Diagnostic } from '../base/diagnostics.ts';
import { UserError, exitCodes } from '../base/diagnostics.ts';
import { emitDesign } from '../emit/emit-design.ts';
import { templateInDesign } from '../emit/layer-events.ts';
import { planText } from '../emit/plan-text.ts';
import type { Plan } from '../ir/plan.ts';
import type { PlannedNetwork } from '../plan/plan-network.ts';
import { weightStreamFile } from '../plan/streams/weight-stream.ts';
import { writeWeights } from './weight-image.ts';

/** `hdl-templates/` of the package: two levels up from src/simulate as well as from dist/simulate. */
const templateFolder = fileURLToPath(new URL('../../hdl-templates/', import.meta.url));

/**
 * Writes `plan.json` and `hdl/` of a variant into its folder: generated Verilog, the templates it
 * uses and the memory images (of a loadable design `weights.bin` instead). The folder can be moved: nothing in it refers to where it lies.
 */
export async function writeDesignFolder(folder: string, network: PlannedNetwork): Promise<void> {
  const hdl = join(folder, 'hdl');
  await mkdir(hdl, { recursive: true });
  await writeFile(join(folder, 'plan.json'), planText(network.plan));
  const generated = emitDesign(network.plan);
  for (const { name, content } of generated) await writeFile(join(hdl, name), content);
  if (network.plan.load === undefined) {
    for (const { file, text } of network.images) await writeFile(join(hdl, file), text);
  } else {
    await writeWeights(folder, network);
  }
  if (network.weightBeats !== undefined) {
    await writeFile(join(hdl, weightStreamFile), network.weightBeats);
  }
  const texts = generated.map(({ content }) => content);
  for (const name of await templatesUsed(texts)) {
    const text = await readFile(join(templateFolder, name), 'utf8');
    await writeFile(join(hdl, name), templateInDesign(name, text, network.plan));
  }
}

/** Path of a template's file. */
export function templatePath(file: string): string {
  return join(templateFolder, file);
}

/**
 * Files of the templates (or of the modules in another folder) that the texts instantiate, and those
 * that these need, sorted.
 */
export async function templatesUsed(
  texts: readonly string[],
  folder: string = templateFolder,
): Promise<readonly string[]> {
  const modules = (await readdir(folder))
    // generated modules are no templates
    .filter((name) => name.endsWith('.v') && !name.startsWith('nzflow_'))
    .map((name) => name.slice(0, -2));
  const used = new Set<string>();
  const pending = [...texts];
  for (let text = pending.pop(); text !== undefined; text = pending.pop()) {
    const words = new Set(withoutComments(text).match(/[A-Za-z_]\w*/g));
    for (const module of modules) {
      if (used.has(module) || !words.has(module)) continue;
      used.add(module);
      pending.push(await readFile(join(folder, `${module}.v`), 'utf8'));
    }
  }
  return [...used].sort().map((module) => `${module}.v`);
}

function withoutComments(text: string): string {
  return text.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');
}

const rebuild = 'build again with `nzflow run`, or look at what it does with --no-hash-check';

/**
 * Compares every memory image in `hdl/` with its hash in the plan. Throws `UserError` (exit code
 * 1) naming file and layer of each that differs or is missing.
 */
export async function checkMemoryHashes(hdlFolder: string, plan: Plan): Promise<void> {
  const diagnostics: Diagnostic[] = [];
  for (const memory of plan.memories) {
    const problem = await hashProblem(join(hdlFolder, memory.file), memory.sha256);
    if (problem === null) continue;
    diagnostics.push({
      code: 'build/memory-image',
      message: `hash check: ${memory.purpose} image ${memory.file} of layer ${memory.layer} ${problem}`,
      place: join(hdlFolder, memory.file),
      remedy: rebuild,
    });
  }
  diagnostics.push(...(await weightStreamProblem(hdlFolder, plan)));
  if (diagnostics.length > 0) throw new UserError(diagnostics, exitCodes.mismatch);
}

async function weightStreamProblem(
  hdlFolder: string,
  { weightStream }: Plan,
): Promise<readonly Diagnostic[]> {
  if (weightStream === undefined) return [];
  const place = join(hdlFolder, weightStreamFile);
  const problem = await hashProblem(place, weightStream.sha256);
  if (problem === null) return [];
  return [
    {
      code: 'build/memory-image',
      message: `hash check: the streamed weights in ${weightStreamFile} ${problem.replace('is not', 'are not')}`,
      place,
      remedy: rebuild,
    },
  ];
}

async function hashProblem(path: string, expected: string): Promise<string | null> {
  try {
    const hash = createHash('sha256').update(await readFile(path));
    return hash.digest('hex') === expected ? null : 'is not what the plan says (its hash differs)';
  } catch (error) {
    if (error instanceof Error && 'code' in error) return `cannot be read (${String(error.code)})`;
    throw error;
  }
}
