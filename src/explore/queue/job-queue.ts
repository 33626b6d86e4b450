import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { QueuePackages } from './queue-packages.ts';
import { queuePrefix } from './registry.ts';
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
