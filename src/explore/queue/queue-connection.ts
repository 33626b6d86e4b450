import type { Redis } from 'ioredis';
import { UserError, exitCodes, fail } from '../../base/diagnostics.ts';
import type { QueueAddress } from './queue-address.ts';
import type { QueuePackages } from './queue-packages.ts';

/** How long a server may take to answer when it is first spoken to. */
const connectMilliseconds = 10_000;
/** Between two attempts to reach a server that was lost. */
const retryMilliseconds = 1000;

/**
 * Connects to a server. Throws `UserError` when it cannot be reached or does not let us in. Once
 * connected a connection that is lost comes back by itself, however long that takes: commands wait
 * for it, `tell` hears of it.
 */
export async function connect(
  { ioredis }: QueuePackages,
  address: QueueAddress,
  tell: (message: string) => void,
): Promise<Redis> {
  let connected = false;
  const redis = new ioredis.Redis({
    host: address.host,
    port: address.port,
    db: address.database,
    ...(address.username === null ? {} : { username: address.username }),
    ...(address.password === null ? {} : { password: address.password }),
    ...(address.tls ? { tls: {} } : {}),
    lazyConnect: true,
    connectTimeout: connectMilliseconds,
    maxRetriesPerRequest: null,
    retryStrategy: () => (connected ? retryMilliseconds : null),
  });
  let reason: Error | null = null;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  try {
    await redis.connect();
    // also what the server has against us, such as a missing password
    await redis.ping();
  } catch (error) {
    redis.disconnect();
    return unreachable(address, reason ?? error);
  }
  connected = true;
  let lost = false;
  redis.on('reconnecting', () => {
    if (!lost) tell(`the connection to ${address.text} is lost: trying again`);
    lost = true;
  });
  redis.on('ready', () => {
    if (lost) tell(`connected to ${address.text} again`);
    lost = false;
  });
  return redis;
}

function unreachable({ text }: QueueAddress, error: unknown): never {
  // not the error itself as the cause: it may hold the command with the password
  const reason = messageOf(error);
  return fail('explore/queue-unreachable', `the server cannot be used (${reason})`, {
    place: text,
    remedy:
      'check that Redis or Valkey runs there, its port, user and password, and TLS (rediss://)',
    exitCode: exitCodes.toolFailed,
  });
}

/** What an error of the server or of the network says. */
export function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // of several addresses of a host, each with its own error
  if (error instanceof AggregateError && error.message === '')
    return error.errors.map(messageOf).join(', ');
  return error.message;
}

/** What a server says no with, as a message for the user; everything else as it is. */
export function refusal(error: unknown, place: string): unknown {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return error;
  const message = `the server refuses (${messageOf(error)})`;
  const remedy =
    'look at its memory limit, rights and mode; then start the search again: it goes on';
  return new UserError(
    [{ code: 'explore/queue-refused', message, place, remedy }],
    exitCodes.toolFailed,
  );
}
