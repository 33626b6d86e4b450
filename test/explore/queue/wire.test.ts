import { describe, expect, it } from 'vitest';
import { parseQueueAddress } from '../../../src/explore/queue/queue-address.ts';
import { parseTrouble, sharedFileSchema } from '../../../src/explore/queue/wire-format.ts';
import { ownPaths, withOwnPaths } from '../../../src/explore/relocation.ts';
import { diagnosticsOf } from '../../support/user-error.ts';

const parse = (text: string, environment = {}) => parseQueueAddress(text, '--queue', environment);

describe('the address of a server', () => {
  it('has a port and a database unless it names others', () => {
    expect(parse('redis://queue.example')).toEqual({
      ...{ host: 'queue.example', port: 6379, database: 0, username: null, password: null },
      ...{ tls: false, text: 'redis://queue.example:6379/0' },
    });
    expect(parse('rediss://queue.example:6380/7')).toMatchObject({
      ...{ port: 6380, database: 7, tls: true, text: 'rediss://queue.example:6380/7' },
    });
    expect(parse('valkeys://[::1]:1/')).toMatchObject({
      ...{ host: '::1', port: 1, database: 0, tls: true, text: 'valkeys://[::1]:1/0' },
    });
  });

  it('has a user and a password that no message shows', () => {
    const address = parse('redis://me:p%40ss%2F%23@h');
    expect(address).toMatchObject({ username: 'me', password: 'p@ss/#' });
    expect(address.text).toBe('redis://h:6379/0');
    const environment = { NZFLOW_QUEUE_PASSWORD: 'secret' };
    expect(parse('redis://h', environment).password).toBe('secret');
    expect(parse('redis://:own@h', environment).password).toBe('own');
  });

  it.each([
    ...['', 'localhost:6379', 'redis://', 'http://secret@h', 'redis://:secret@h/one'],
    ...[
      'redis://:secret@h/0?x=1',
      'redis://:secret#1@h',
      'redis://:secret%zz@h',
      'redis://h:99999',
    ],
  ])('is not %s', (text) => {
    const [diagnostic] = diagnosticsOf(() => parse(text));
    expect(diagnostic).toMatchObject({ code: 'usage/queue-address', place: '--queue' });
    expect(JSON.stringify(diagnostic)).not.toContain('secret');
  });
});

describe('what comes over a server', () => {
  it('names no file outside the folder of a model', () => {
    const file = { path: 'w.bin', sha256: 'a'.repeat(64) };
    const accepts = (besideModel: string | null): boolean =>
      sharedFileSchema.safeParse({ ...file, besideModel }).success;
    for (const good of [null, 'w.bin', 'parts/w.bin', '..w', 'a/..b/c'])
      expect(accepts(good)).toBe(true);
    for (const bad of [
      '/w.bin',
      '../w.bin',
      'a/../../w',
      '..',
      'a/..',
      'a\\b',
      'a\0b',
      'a\n/../../w',
      '',
    ])
      expect(accepts(bad), bad).toBe(false);
    expect(sharedFileSchema.safeParse({ ...file, sha256: '../x', besideModel: null }).success).toBe(
      false,
    );
  });

  it('is a trouble only in its own form', () => {
    expect(parseTrouble('no JSON')).toBeNull();
    expect(parseTrouble('{"stack":1}')).toBeNull();
    expect(parseTrouble('{"stack":"at x"}')).toEqual({ stack: 'at x' });
  });

  it('speaks of files by the paths of the search', () => {
    const files = new Map([['my$&.onnx', '/cache/ab']]);
    expect(ownPaths('/cache/ab: odd, /cache/ab', files)).toBe('my$&.onnx: odd, my$&.onnx');
    const values: [string, number][] = [['accuracy', 1]];
    expect(withOwnPaths({ values }, files)).toEqual({ values });
    expect(withOwnPaths({ failed: '/cache/ab: no' }, files)).toEqual({ failed: 'my$&.onnx: no' });
  });
});
