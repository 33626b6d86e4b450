import type { Progress } from '../base/progress.ts';
import { printable } from '../base/diagnostics.ts';
import type { Terminal } from './terminal.ts';

/** Progress on stderr that can also be left in the middle. */
export interface TerminalProgress extends Progress {
  /** Ends the live line without claiming that the phase ended well. */
  abandon(): void;
}

const redrawMilliseconds = 100;
const eraseLine = '\r\u001b[K';

/**
 * With a person watching: one live line, redrawn in place, and a line for each finished phase.
 * Otherwise only a line when a phase begins and one when it ends, so that logs stay short.
 */
export function terminalProgress(terminal: Terminal): TerminalProgress {
  let current: { readonly name: string; readonly begun: number } | null = null;
  let lastDrawn = Number.NEGATIVE_INFINITY;
  let lineShown = false;

  const erase = (): void => {
    if (lineShown) terminal.writeError(eraseLine);
    lineShown = false;
  };
  const writeLine = (text: string): void => {
    erase();
    terminal.writeError(`${printable(text)}\n`);
  };
  const seconds = (begun: number): string => `${((terminal.now() - begun) / 1000).toFixed(1)} s`;
  const finish = (): void => {
    if (current !== null) writeLine(`${current.name}: done in ${seconds(current.begun)}`);
    current = null;
  };
  const draw = (text: string): void => {
    erase();
    terminal.writeError(printable(text).slice(0, Math.max(10, terminal.columns - 1)));
    lineShown = true;
    lastDrawn = terminal.now();
  };

  return {
    phase(name) {
      finish();
      current = { name, begun: terminal.now() };
      if (terminal.live) draw(`${name} …`);
      else writeLine(`${name} …`);
    },
    update(fraction, text) {
      if (!terminal.live || current === null || terminal.now() - lastDrawn < redrawMilliseconds)
        return;
      const percent = fraction === null ? '' : ` ${String(Math.floor(fraction * 100))} %`;
      draw(`${current.name}:${percent} ${text} (${seconds(current.begun)})`);
    },
    note: writeLine,
    done: finish,
    abandon() {
      erase();
      current = null;
    },
  };
}
