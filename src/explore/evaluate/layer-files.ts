import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { diskFailure } from '../../base/disk-failure.ts';
import { exitCodes, fail } from '../../base/diagnostics.ts';
import type { WindowLayer } from '../../ir/graph.ts';
import type { LayerStore } from './pruned-layers.ts';

/**
 * Layers in files of a folder, for all processes that share it: weights and biases as floats, with
 * their SHA-256 before them. A file that is not whole counts as absent. `identity` says what they were
 * made from: model, samples, tool.
 */
export function layerFiles(folder: string, identity: string): LayerStore {
  const pathOf = (key: string): string =>
    join(
      folder,
      `${sha256(Buffer.from(`${identity}\n${key}`))
        .toString('hex')
        .slice(0, 32)}.layer`,
    );
  return {
    async read(key, layer) {
      const bytes = await readFile(pathOf(key)).catch(() => null);
      if (bytes === null) return null;
      const content = bytes.subarray(32);
      const count = layer.weights.length + layer.bias.length;
      if (content.length !== count * 4 || !sha256(content).equals(bytes.subarray(0, 32)))
        return null;
      const values = new Float32Array(new Uint8Array(content).buffer);
      return {
        ...layer,
        weights: values.slice(0, layer.weights.length),
        bias: values.slice(layer.weights.length),
      };
    },
    async write(key, { weights, bias }: WindowLayer) {
      const content = Buffer.concat([bytesOf(weights), bytesOf(bias)]);
      try {
        await writeFileAtomic(pathOf(key), Buffer.concat([sha256(content), content]));
      } catch (cause) {
        const reason = diskFailure(cause);
        if (reason === null) throw cause;
        fail(
          'explore/layers-unwritable',
          `a layer that was made sparse cannot be kept: ${reason}`,
          {
            place: folder,
            remedy: 'make room there and start again: what was kept before is whole',
            exitCode: exitCodes.toolFailed,
            cause,
          },
        );
      }
    },
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
