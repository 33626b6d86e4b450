import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fail } from '../../base/diagnostics.ts';
import { within } from '../../base/within.ts';
import { contentPolicy, renderPage } from './render-page.ts';
import { trialReports } from './trial-reports.ts';
import { readDashboard } from './write-page.ts';

/** A page that follows its store. */
export interface PageServer {
  readonly address: string;
  /** Tells every open page how the search ended, and ends. */
  close(): Promise<void>;
}

const loopback = '127.0.0.1';

/** How often the store is looked at, in milliseconds. */
const glance = 500;
/** How long open pages are waited for at the end, in milliseconds. */
const farewell = 2000;
/** Browsers leave it out of the name of a host. */
const usualPort = 80;

/**
 * Serves the page of a store on the loopback interface: `/`, `/events` (server-sent: `snapshot` with all
 * data whenever the store has grown, `end`), `/reports/<trial>`. It only answers GET, and only to the
 * names of this machine, so that no page from elsewhere reads it by a name of its own. Nothing is read
 * while nobody looks, and at most a tenth of the time is spent on it. Throws `UserError` for a port that
 * cannot be had; 0 takes any that is free. `script` is the program of the page.
 */
export async function servePage(store: string, port: number, script: string): Promise<PageServer> {
  const readers = new Set<ServerResponse>();
  /** Bytes of the store that all readers know of. */
  let told = -1;
  const server = createServer((request, response) => {
    answer(request, response).catch(() => refuse(response, 500));
  });
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (!isOurName(request.headers.host, portOf())) return refuse(response, 403);
    if (request.method !== 'GET') return refuse(response, 405);
    const path = new URL(request.url ?? '/', `http://${loopback}`).pathname;
    const report = /^\/reports\/(\d{1,9})$/.exec(path)?.[1];
    if (path === '/') {
      const data = await readDashboard(store);
      const html = renderPage({ data, reports: new Map(), script, live: true });
      return send(response, 'text/html; charset=utf-8', html, contentPolicy(script, true));
    }
    if (path === '/events') {
      begin(response, 200, 'text/event-stream');
      response.write(`retry: 3000\n\n`);
      response.on('close', () => readers.delete(response));
      readers.add(response);
      // it may have missed what came since its page was made
      told = -1;
      return;
    }
    const found = report === undefined ? null : await trialReports(store).read(Number(report));
    if (found === null) return refuse(response, 404);
    send(response, 'application/json', JSON.stringify(found));
  };
  const portOf = (): number => (server.address() as AddressInfo).port;

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, loopback, resolve);
  }).catch((cause: unknown) => {
    fail('explore/port', `the page cannot be served at port ${String(port)}`, {
      place: '--serve',
      remedy: 'give another port, or none: one that is free is taken',
      cause,
    });
  });

  const tell = (event: string, data: string): void => {
    for (const reader of readers) {
      // One that does not listen is let go; it may ask again.
      if (reader.writableNeedDrain) reader.destroy();
      else reader.write(`event: ${event}\ndata: ${data}\n\n`);
    }
  };
  const stop = new AbortController();
  const snapshot = async (): Promise<void> => {
    const size = await stat(store).then(
      (status) => status.size,
      () => -1,
    );
    if (size === told || readers.size === 0) return;
    tell('snapshot', JSON.stringify(await readDashboard(store)));
    told = size;
  };
  const follow = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      const begun = performance.now();
      // a store that cannot be read just now may be readable later
      await snapshot().catch(() => undefined);
      const pause = Math.max(glance, 9 * (performance.now() - begun));
      await setTimeout(pause, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const following = follow();

  return {
    address: `http://${loopback}:${String(portOf())}/`,
    async close() {
      stop.abort();
      await following;
      await snapshot().catch(() => undefined);
      for (const reader of readers) reader.end('event: end\ndata: \n\n');
      const closed = new Promise((resolve) => {
        server.close(resolve);
      });
      // some readers take nothing any more, and browsers open connections that they never use
      await within(farewell, closed);
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A page from elsewhere can give its own name this address; a browser still says that name. */
function isOurName(host: string | undefined, port: number): boolean {
  const names = [loopback, 'localhost'];
  return names.some(
    (name) => host === `${name}:${String(port)}` || (port === usualPort && host === name),
  );
}

function begin(response: ServerResponse, status: number, type: string, policy?: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Security-Policy': policy ?? "default-src 'none'",
    'Cache-Control': 'no-store',
    // so that the end of the search does not wait for a browser
    Connection: 'close',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
  });
}

function send(response: ServerResponse, type: string, text: string, policy?: string): void {
  begin(response, 200, type, policy);
  response.end(text);
}

function refuse(response: ServerResponse, status: number): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  begin(response, status, 'text/plain');
  response.end(`${String(status)}\n`);
}
