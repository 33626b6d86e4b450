import type * as Bullmq from 'bullmq';
import type * as Ioredis from 'ioredis';
import { exitCodes, fail } from '../../base/diagnostics.ts';

export interface QueuePackages {
  readonly bullmq: typeof Bullmq;
  readonly ioredis: typeof Ioredis;
}

/** Loads what only searches over several machines need. Throws `UserError` where it is not installed. */
export async function loadQueuePackages(): Promise<QueuePackages> {
  try {
    const [bullmq, ioredis] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, ioredis };
  } catch (cause) {
    if (!isMissing(cause)) throw cause;
    return fail(
      'explore/queue-packages',
      'a search over several machines needs the packages bullmq and ioredis, which are not installed',
      {
        remedy: 'npm install bullmq@6 ioredis@5, where nzflow is installed',
        exitCode: exitCodes.toolFailed,
        cause,
      },
    );
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}
