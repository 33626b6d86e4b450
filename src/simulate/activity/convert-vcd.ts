import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fail } from '../../base/diagnostics.ts';
import { saifLines } from './saif-text.ts';
import { ToggleCounter } from './toggle-counter.ts';
import { findScope, VcdHeader } from './vcd-header.ts';

export interface ConvertOptions {
  /** What a simulator wrote; read once from front to end, whatever its size. */
  readonly from: string;
  /** The same with times in picoseconds. */
  readonly vcd: string;
  readonly saif: string;
  /** Instance at the top of the SAIF file. */
  readonly top: string;
  /** Picoseconds of a step of time in `from`. */
  readonly stepPicoseconds: number;
  /** Steps of time that the SAIF file covers; `end` is not in it. */
  readonly start: number;
  readonly end: number;
  readonly program: string;
  readonly signal?: AbortSignal;
}

/**
 * Switching activity of a simulation: SAIF of a window of time, VCD of all of it. Throws `UserError` where the
 * VCD file has no such instance.
 */
export async function convertVcd(options: ConvertOptions): Promise<void> {
  const { from, vcd, saif, top, stepPicoseconds: step, start, end, program, signal } = options;
  const header = new VcdHeader();
  const counter = new ToggleCounter(start * step, end * step);
  let inHeader = true;
  let time = 0;
  const take = (line: string): string => {
    if (inHeader) {
      inHeader = header.take(line);
      if (!inHeader) {
        declareAll(header.root, counter);
        counter.begin();
      }
      return line.replace(/^(\s*\$timescale).*/, '$1 1ps $end');
    }
    switch (line.charAt(0)) {
      case '#':
        time = Number(line.slice(1)) * step;
        return `#${time}`;
      case 'b':
      case 'B': {
        const gap = line.indexOf(' ');
        counter.change(line.slice(gap + 1), line.slice(1, gap), time);
        return line;
      }
      case '0':
      case '1':
      case 'x':
      case 'X':
      case 'z':
      case 'Z':
        counter.change(line.slice(1), line.charAt(0), time);
        return line;
      default:
        return line;
    }
  };
  const lines = createInterface({ input: createReadStream(from), crlfDelay: Infinity });
  const write = (file: string, text: AsyncIterable<string> | Iterable<string>): Promise<void> =>
    pipeline(Readable.from(text), inBlocks(), createWriteStream(file), {
      ...(signal === undefined ? {} : { signal }),
    });
  await write(
    vcd,
    (async function* () {
      for await (const line of lines) yield take(line);
    })(),
  );
  const scope = findScope(header.root, top);
  if (scope === null) {
    fail('simulate/activity', `the simulation recorded no instance ${top}`, { place: from });
  }
  await write(saif, saifLines(scope, counter, { duration: (end - start) * step, program }));
}

function declareAll(scope: VcdHeader['root'], counter: ToggleCounter): void {
  for (const { code, width } of scope.signals) counter.declare(code, width);
  for (const inner of scope.scopes) declareAll(inner, counter);
}

/** Lines to blocks of many lines: a write for each would take longer than all the rest. */
function inBlocks(): Transform {
  let block: string[] = [];
  let size = 0;
  return new Transform({
    writableObjectMode: true,
    transform(line: string, _encoding, done) {
      block.push(line);
      size += line.length + 1;
      if (size < 1 << 16) {
        done();
        return;
      }
      const text = `${block.join('\n')}\n`;
      block = [];
      size = 0;
      done(null, text);
    },
    flush(done) {
      done(null, block.length === 0 ? '' : `${block.join('\n')}\n`);
    },
  });
}
