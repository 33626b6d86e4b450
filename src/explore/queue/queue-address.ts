import { fail } from '../../base/diagnostics.ts';

/** Where a Redis or Valkey server is, and how to get in. */
export interface QueueAddress {
  readonly host: string;
  readonly port: number;
  /** Number of the database on the server. */
  readonly database: number;
  readonly username: string | null;
  readonly password: string | null;
  readonly tls: boolean;
  /** For messages: without user and password. */
  readonly text: string;
}

const schemes: Readonly<Record<string, { readonly tls: boolean }>> = {
  'redis:': { tls: false },
  'rediss:': { tls: true },
  'valkey:': { tls: false },
  'valkeys:': { tls: true },
};

/** The password where the address has none: a command line can be read by others on the machine. */
export const passwordVariable = 'NZFLOW_QUEUE_PASSWORD';

/**
 * Reads `redis://[[user]:password@]host[:port][/database]`; `rediss://` is the same over TLS. Throws
 * `UserError` at `place`, without a word of what was given: there may be a password in it.
 */
export function parseQueueAddress(
  given: string,
  place: string,
  environment: NodeJS.ProcessEnv = process.env,
): QueueAddress {
  const url = URL.canParse(given) ? new URL(given) : null;
  const scheme = url === null ? undefined : schemes[url.protocol];
  if (url === null || scheme === undefined || url.hostname === '') return refuse(place);
  const database = /^\/?(\d*)$/.exec(url.pathname)?.[1];
  if (database === undefined || url.search !== '' || url.hash !== '') return refuse(place);
  const port = url.port === '' ? 6379 : Number(url.port);
  const { tls } = scheme;
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    database: Number(database),
    username: plain(url.username, place),
    password: plain(url.password, place) ?? (environment[passwordVariable] || null),
    tls,
    text: `${url.protocol}//${url.hostname}:${String(port)}/${String(Number(database))}`,
  };
}

function plain(encoded: string, place: string): string | null {
  try {
    return encoded === '' ? null : decodeURIComponent(encoded);
  } catch {
    return refuse(place);
  }
}

function refuse(place: string): never {
  return fail('usage/queue-address', 'this is not the address of a Redis or Valkey server', {
    place,
    remedy:
      'write redis://host:6379/0, or rediss:// for TLS; user:password@ goes before the host, with %23 for # and so on',
  });
}
