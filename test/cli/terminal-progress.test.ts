import { describe, expect, it } from 'vitest';
import { terminalProgress } from '../../src/cli/terminal-progress.ts';
import { fakeTerminal } from './fake-terminal.ts';

const erase = '\r\u001b[K';

describe('terminalProgress', () => {
  it('writes start and finish lines where nobody watches', () => {
    const terminal = fakeTerminal();
    const progress = terminalProgress(terminal);
    progress.phase('building dense');
    terminal.pass(1500);
    progress.update(0.5, 'half');
    progress.phase('simulating dense');
    progress.note('one warning');
    terminal.pass(250);
    progress.done();
    progress.done();
    expect(terminal.errors()).toBe(
      'building dense …\nbuilding dense: done in 1.5 s\nsimulating dense …\none warning\nsimulating dense: done in 0.3 s\n',
    );
  });

  it('redraws one line, not too often, where a person watches', () => {
    const terminal = fakeTerminal(true);
    const progress = terminalProgress(terminal);
    progress.phase('building');
    progress.update(0.1, 'too soon');
    terminal.pass(200);
    progress.update(0.256, 'x'.repeat(200));
    progress.done();
    const drawn = `building: 25 % ${'x'.repeat(200)}`.slice(0, 79);
    expect(terminal.errors()).toBe(`building …${erase}${drawn}${erase}building: done in 0.2 s\n`);
  });

  it('leaves no line behind when abandoned, and claims nothing', () => {
    const terminal = fakeTerminal(true);
    const progress = terminalProgress(terminal);
    progress.phase('building');
    progress.abandon();
    progress.done();
    expect(terminal.errors()).toBe(`building …${erase}`);
  });

  it('lets no escape code of a model name through', () => {
    const terminal = fakeTerminal();
    terminalProgress(terminal).note('layer \u001b[31mred');
    expect(terminal.errors()).toBe('layer \\u001b[31mred\n');
  });
});
