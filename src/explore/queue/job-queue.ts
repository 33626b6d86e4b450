import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueuePackages } from './queue-packages.ts';
import { queuePrefix } from './registry.ts';
import type { Registry } from './registry.ts';
import type { JobData, ResultData } from './wire-format.ts';

export type JobQueue = Queue<JobData, ResultData, 'job'>;

/** Workers that may fail at a job, or break while they do it, before the search gives up. */
export const mostAttempts = 3;
export const mostStalls = 4;

/** The jobs of the search `id`. */
export function openJobQueue({ bullmq }: QueuePackages, redis: Redis, id: string): JobQueue {
  return new bullmq.Queue(id, {
    connection: redis,
    prefix: queuePrefix,
    defaultJobOptions: { attempts: mostAttempts, removeOnComplete: false, removeOnFail: false },
  });
}

/** Removes a search and its jobs from the server. */
export async function removeSearch(
  packages: QueuePackages,
  redis: Redis,
  registry: Registry,
  id: string,
): Promise<void> {
  await registry.remove(id);
  const queue = openJobQueue(packages, redis, id);
  try {
    await queue.obliterate({ force: true });
    // what a worker that was leaving has made since
    await redis.unlink(...Object.values(queue.keys));
  } finally {
    await queue.close();
  }
}
