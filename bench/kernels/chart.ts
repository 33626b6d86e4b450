/** A line of a panel: y by density of weights, one in 1, 2, 4 ... */
export interface Line {
  readonly label: string;
  readonly colour: string;
  readonly dashed?: boolean;
  readonly values: readonly number[];
}

export interface Panel {
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface Chart {
  readonly title: string;
  readonly subtitle: string;
  readonly description: string;
  /** At the x axis, one a value. */
  readonly ticks: readonly string[];
  readonly panels: readonly Panel[];
  readonly note: string;
}

const width = 1000;
const panelWidth = 470;
const panelHeight = 286;
const plot = { left: 46, top: 34, width: 330, height: 210 };
const quiet = '#57606a';
const rule = '#c9c9c0';

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** Powers of two from one that is not above the least value to one that is not below the largest. */
function powers(values: readonly number[]): readonly number[] {
  const low = Math.floor(Math.log2(Math.min(1, ...values)));
  const high = Math.ceil(Math.log2(Math.max(2, ...values)));
  return Array.from({ length: high - low + 1 }, (_, at) => 2 ** (low + at));
}

/** Places for labels, in the order of `wanted`, so that none lies over another. */
function apart(wanted: readonly number[], distance: number, lowest: number): readonly number[] {
  const order = wanted.map((y, at) => ({ y, at })).sort((one, other) => one.y - other.y);
  const places = order.map(({ y }) => y);
  for (let at = 1; at < places.length; at += 1) {
    places[at] = Math.max(places[at] ?? 0, (places[at - 1] ?? 0) + distance);
  }
  const over = Math.max(0, (places.at(-1) ?? 0) - lowest);
  for (let at = places.length - 1, limit = lowest; at >= 0 && over > 0; at -= 1) {
    places[at] = Math.min(places[at] ?? 0, limit);
    limit = (places[at] ?? 0) - distance;
  }
  const result = new Array<number>(wanted.length).fill(0);
  order.forEach(({ at }, rank) => (result[at] = places[rank] ?? 0));
  return result;
}

function panelMarkup({ title, lines }: Panel, ticks: readonly string[]): string {
  const marks = powers(lines.flatMap(({ values }) => values.filter((value) => value > 0)));
  const low = Math.log2(marks[0] ?? 1);
  const high = Math.log2(marks.at(-1) ?? 2);
  const x = (at: number): number => plot.left + (at * plot.width) / Math.max(1, ticks.length - 1);
  const y = (value: number): number =>
    plot.top + plot.height - ((Math.log2(value) - low) / (high - low)) * plot.height;
  const fixed = (value: number): string => value.toFixed(1);
  const every = Math.ceil(marks.length / 8);
  const rows = marks
    .filter((mark, at) => mark === 1 || (at - marks.indexOf(1)) % every === 0)
    .map((mark) => {
      const one = mark === 1;
      const label = mark >= 1 ? `${mark}×` : `1/${1 / mark}×`;
      return (
        `<line x1="${plot.left}" y1="${fixed(y(mark))}" x2="${plot.left + plot.width}" y2="${fixed(y(mark))}" ` +
        `stroke="${one ? quiet : rule}" stroke-width="${one ? 1.5 : 0.75}"/>` +
        `<text x="${plot.left - 8}" y="${fixed(y(mark) + 4)}" text-anchor="end" font-size="11.5" fill="${quiet}">${label}</text>`
      );
    });
  const columns = ticks.map(
    (tick, at) =>
      `<text x="${fixed(x(at))}" y="${plot.top + plot.height + 18}" text-anchor="middle" font-size="11.5" fill="${quiet}">${tick}</text>`,
  );
  const ends = lines.map(({ values }) => y(values.at(-1) ?? 1));
  const labels = apart(ends, 14, plot.top + plot.height);
  const drawn = lines.map(({ label, colour, dashed, values }, at) => {
    const points = values.map((value, place) => `${fixed(x(place))},${fixed(y(value))}`);
    const dots =
      dashed === true
        ? []
        : values.map(
            (value, place) =>
              `<circle cx="${fixed(x(place))}" cy="${fixed(y(value))}" r="3" fill="${colour}"/>`,
          );
    return (
      `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"` +
      `${dashed === true ? ' stroke-dasharray="5 4"' : ''}/>${dots.join('')}` +
      `<text x="${plot.left + plot.width + 9}" y="${fixed((labels[at] ?? 0) + 4)}" font-size="11.5" fill="${colour}">${escaped(label)}</text>`
    );
  });
  return [
    `<text x="0" y="18" font-weight="bold">${escaped(title)}</text>`,
    ...rows,
    ...columns,
    ...drawn,
  ].join('\n    ');
}

/** Panels of lines over the density of weights, both axes logarithmic, as an SVG on its own ground. */
export function chartMarkup(chart: Chart): string {
  const rows = Math.ceil(chart.panels.length / 2);
  const height = 56 + rows * panelHeight + 34;
  const panels = chart.panels.map((panel, at) => {
    const left = 24 + (at % 2) * (panelWidth + 12);
    const top = 56 + Math.floor(at / 2) * panelHeight;
    return `  <g transform="translate(${left} ${top})">\n    ${panelMarkup(panel, chart.ticks)}\n  </g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="13" fill="#1f2328">
  <title>${escaped(chart.title)}</title>
  <desc>${escaped(chart.description)}</desc>
  <rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="#fcfcf9" stroke="#c9c9c0"/>
  <text x="24" y="32" font-size="16" font-weight="bold">${escaped(chart.title)}</text>
  <text x="${width - 24}" y="32" text-anchor="end" fill="${quiet}">${escaped(chart.subtitle)}</text>
${panels.join('\n')}
  <text x="24" y="${height - 18}" font-size="12.5" fill="${quiet}">${escaped(chart.note)}</text>
</svg>
`;
}
