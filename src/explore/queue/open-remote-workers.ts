import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { basename } from 'node:path';
import { printable } from '../../base/diagnostics.ts';
import type { Host } from '../../options.ts';
import { toolIdentity } from '../../read/tool-identity.ts';
import type { Definition } from '../definition.ts';
import type { SearchFile } from '../search-files.ts';
import type { StoreHeader } from '../store-format.ts';
import type { QueueAddress } from './queue-address.ts';
import { RemoteWorkers } from './remote-workers.ts';
import type { SearchOffer } from './remote-workers.ts';
import { wireVersion } from './wire-format.ts';

/** Offers a search to the workers of a server. Throws `UserError`. */
export async function openRemoteWorkers(
  address: QueueAddress,
  search: {
    readonly definition: Definition;
    readonly definitionFile: string;
    readonly files: readonly SearchFile[];
    readonly store: StoreHeader;
  },
  { progress }: Host,
): Promise<RemoteWorkers> {
  const { definition, definitionFile, files, store } = search;
  const offer: SearchOffer = {
    wire: wireVersion,
    version: toolIdentity().version,
    name: `${basename(definitionFile)} of ${hostname()}`,
    node: process.versions.node,
    store: createHash('sha256').update(JSON.stringify(store)).digest('hex'),
    definitionFile,
    definitionText: definition.text,
    model: definition.document.model,
    files: files.map(({ path, sha256, besideModel }) => ({ path, sha256, besideModel })),
  };
  return RemoteWorkers.open(address, offer, (message) => progress.note(printable(message)));
}
