/** Colours of the style sheet as charts need them; read anew at each drawing, for light and dark. */
export interface Theme {
  readonly ink: string;
  readonly quiet: string;
  readonly line: string;
  readonly surface: string;
  readonly front: string;
  readonly feasible: string;
  readonly infeasible: string;
  readonly bad: string;
  readonly region: string;
  /** From the cheapest task to the last. */
  readonly tasks: (task: number, count: number) => string;
}

export function theme(): Theme {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const cheap = ['#b48ead', '#d9a441', '#6ba3e3', '#98a2ac', '#c46a5a', '#85c79c', '#7fb2d9'];
  return {
    ink: colour('ink'),
    quiet: colour('quiet'),
    line: colour('line'),
    surface: colour('surface'),
    front: colour('sparse-sparse'),
    feasible: colour('sparse-dense'),
    infeasible: colour('dense'),
    bad: colour('bad'),
    region: colour('region'),
    tasks: (task, count) =>
      task === count - 1
        ? colour('sparse-sparse')
        : (cheap[(count - 2 - task) % cheap.length] ?? colour('dense')),
  };
}

export const fontFamily =
  '-apple-system, "Segoe UI", Roboto, Inter, "Helvetica Neue", Arial, "Liberation Sans", sans-serif';

/** From `low` to `high` of a quantity, 0 to 1: dark blue over teal to yellow, apart in grey as well. */
export function scaleColour(share: number): string {
  const stops = [
    [68, 70, 150],
    [43, 120, 160],
    [30, 155, 138],
    [110, 190, 90],
    [235, 190, 40],
  ] as const;
  const at = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const from = stops[Math.floor(at)] ?? stops[0];
  const to = stops[Math.ceil(at)] ?? from;
  const part = at - Math.floor(at);
  const mixed = from.map((value, index) =>
    Math.round(value + ((to[index] ?? value) - value) * part),
  );
  return `rgb(${mixed.join(' ')})`.replaceAll(' ', ',');
}
