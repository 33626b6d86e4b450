import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { servePage } from '../../src/explore/dashboard/serve-page.ts';
import { jobsOf, writeSearch } from './dashboard-fixture.ts';

describe('the server of a live page', () => {
  it('answers this machine only, and only with what it has', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'nzflow-server-'));
    const store = join(folder, 'served.trials');
    await writeSearch(store, jobsOf(3));
    const server = await servePage(store, 0, 'void 0');
    const { port, hostname } = new URL(server.address);
    expect(hostname).toBe('127.0.0.1');
    const ask = (path: string, headers = {}, method = 'GET'): Promise<number> =>
      new Promise((resolve, reject) => {
        const sent = request({ hostname, port, path, headers, method }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        sent.on('error', reject);
        sent.end();
      });
    expect(await ask('/')).toBe(200);
    expect(await ask('/', { Host: `localhost:${port}` })).toBe(200);
    expect(await ask('/', { Host: `elsewhere.example:${port}` })).toBe(403);
    expect(await ask('/events', { Host: 'elsewhere.example' })).toBe(403);
    expect(await ask('/', {}, 'POST')).toBe(405);
    expect(await ask('/reports/1')).toBe(404);
    expect(await ask('/reports/../../served.trials')).toBe(404);
    await expect(servePage(store, Number(port), '')).rejects.toThrow(/cannot be served at port/);
    await server.close();
    await rm(folder, { recursive: true });
  });
});
