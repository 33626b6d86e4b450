import { describe, expect, it } from 'vitest';
import { ExpectationError, parseExpectations } from '../../src/read/expectation.ts';

function mistake(text: string): string {
  try {
    parseExpectations(text);
  } catch (error) {
    if (error instanceof ExpectationError) return error.message;
    throw error;
  }
  return 'no mistake found';
}

describe('expectations', () => {
  it('are a figure, a comparison and a number in the unit of the figure', () => {
    expect(parseExpectations('throughput >= 4.2 M/s')).toEqual([
      {
        text: 'throughput >= 4.2 M/s',
        variant: null,
        figure: 'throughput',
        comparison: '>=',
        bound: 4.2e6,
        ofBoard: false,
      },
    ]);
    const bounds = (text: string): readonly number[] =>
      parseExpectations(text).map(({ bound }) => bound);
    expect(bounds('latency<5, latency < 5 us, latency < 5µs, latency < 0.005 ms')).toEqual([
      5, 5, 5, 5,
    ]);
    expect(bounds('energy <= 2 mJ, interval <= 100 cycles, throughput > 1e6')).toEqual([
      2000, 100, 1e6,
    ]);
    expect(bounds('accuracy >= 95 %, accuracy >= 0.95')).toEqual([0.95, 0.95]);
  });

  it('may name a variant, and a share of the board', () => {
    const [dense, count] = parseExpectations('dense.lut <= 60 %, sparse-dense.LUT == 1000');
    expect(dense).toMatchObject({ variant: 'dense', figure: 'lut', bound: 0.6, ofBoard: true });
    expect(count).toMatchObject({ variant: 'sparse-dense', bound: 1000, ofBoard: false });
    expect(parseExpectations('shareOfLimit >= 60 %')).toMatchObject([
      { bound: 0.6, ofBoard: false },
    ]);
  });

  it.each([
    ['', /"" is no expectation/],
    ['throughput', /"throughput" is no expectation: it needs a figure, one of >= /],
    ['throughput >= fast', /is no expectation/],
    ['throughput => 3', /is no expectation/],
    ['throughput >= 1,', /"" is no expectation/],
    ['throughput >= 1.2.3', /"1.2.3" is no number/],
    ['throughput >= 3 us', /throughput has no unit "us"; it takes \/s, k\/s, M\/s or none/],
    ['copies >= 3 %', /copies has no unit "%"; it has none/],
    ['throughputt >= 3', /there is no figure "throughputt": did you mean "throughput"\?/],
    ['spars-dense.lut < 3', /there is no variant "spars-dense": did you mean "sparse-dense"\?/],
    ['dense.energyRatio > 3', /energyRatio is of sparse-sparse against dense/],
    ['latency < 3 constructor', /has no unit "constructor"/],
    ['toString.latency < 3', /there is no variant "toString"/],
  ])('%j is refused', (text, message) => {
    expect(mistake(text)).toMatch(message);
  });
});
