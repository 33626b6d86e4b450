import { copyFile, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { emitIsolated, renumberLayer } from '../emit/emit-isolated.ts';
import { layerModuleName } from '../emit/layer-output.ts';
import type { IsolatedLayer } from '../plan/isolate-layer.ts';
import { weightStreamFile } from '../plan/streams/weight-stream.ts';
import { templatesUsed } from './design-folder.ts';

/**
 * Writes the design of a layer alone into `folder`, which is not there yet: its module and the
 * templates as they are in the whole design in `hdlFolder`, whose memory images it links to where
 * weights are fixed.
 * Returns the Verilog of all its files: equal for layers that one simulator can do.
 */
export async function writeIsolatedDesign(
  folder: string,
  hdlFolder: string,
  isolated: IsolatedLayer,
): Promise<readonly string[]> {
  await mkdir(folder, { recursive: true });
  const emitted = await readFile(join(hdlFolder, `${layerModuleName(isolated.whole)}.v`), 'utf8');
  const generated = [...emitIsolated(isolated), renumberLayer(emitted, isolated)];
  for (const { name, content } of generated) await writeFile(join(folder, name), content);
  const texts = generated.map(({ content }) => content);
  for (const name of await templatesUsed(texts, hdlFolder)) {
    await copyFile(join(hdlFolder, name), join(folder, name));
    texts.push(await readFile(join(folder, name), 'utf8'));
  }
  const { weightStream } = isolated.plan;
  if (weightStream !== undefined) {
    const whole = await readFile(join(hdlFolder, weightStreamFile));
    const first = isolated.firstWeightByte;
    const own = whole.subarray(first, first + (weightStream.beats * weightStream.beatBits) / 8);
    await writeFile(join(folder, weightStreamFile), own);
  }
  if (isolated.plan.load !== undefined) return texts;
  for (const [image, own] of isolated.images) {
    await symlink(resolve(hdlFolder, image), join(folder, own));
  }
  return texts;
}
