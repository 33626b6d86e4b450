const lightColours = `
  --page: #f6f7f8; --surface: #ffffff; --ink: #17212b; --quiet: #56636f; --line: #dfe3e7;
  --track: #eceff2; --good: #0b6b57; --bad: #b3361d; --warn: #fff6e0; --warn-line: #d9a441;
  --dense: #8b96a2; --sparse-dense: #4a83c4; --sparse-sparse: #0d7f73;
  --busy: #3a6ea8; --starved: #e3a83a; --blocked: #c8553a; --gap: #ffffff;`;

const darkColours = `
  --page: #101418; --surface: #181e24; --ink: #e7ebee; --quiet: #9dabb7; --line: #2b343d;
  --track: #262f37; --good: #4cc9ac; --bad: #ff8a70; --warn: #2d2614; --warn-line: #b98a35;
  --dense: #7c8996; --sparse-dense: #6ba3e3; --sparse-sparse: #2bb3a3;
  --busy: #5b93d1; --starved: #dba545; --blocked: #d9694d; --gap: #181e24;`;

const base = `
* { box-sizing: border-box; }
html { color-scheme: light dark; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 -apple-system, "Segoe UI", Roboto, Inter, "Helvetica Neue", Arial, "Liberation Sans", sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1180px; margin: 0 auto; padding: 40px 28px 64px; }
h1 { font-size: 34px; line-height: 1.15; letter-spacing: -0.015em; font-weight: 650; margin: 2px 0 6px; overflow-wrap: anywhere; }
h2 { font-size: 20px; line-height: 1.25; letter-spacing: -0.005em; font-weight: 650; margin: 0 0 4px; }
h3 { font-size: 14px; font-weight: 650; margin: 22px 0 8px; }
p { margin: 0; }
b, strong { font-weight: 650; }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; padding: 24px 26px 26px; margin-top: 20px; }
.eyebrow { color: var(--quiet); font-size: 13px; letter-spacing: 0.02em; }
.facts { display: flex; flex-wrap: wrap; gap: 2px 18px; color: var(--quiet); font-size: 14px; overflow-wrap: anywhere; }
.headline { font-size: 19px; line-height: 1.45; max-width: 52em; margin: 20px 0 22px; text-wrap: pretty; }
.lead, .note { color: var(--quiet); max-width: 78ch; text-wrap: pretty; }
.lead { margin-bottom: 16px; }
.note { font-size: 13px; margin-top: 10px; }
.sense, .quiet, .against { color: var(--quiet); font-weight: 400; }
.absent { color: var(--bad); }
.good { color: var(--good); }
.over, b.over { color: var(--bad); }
.name { overflow-wrap: anywhere; }
`;

const tiles = `
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); background: var(--surface); border: 1px solid var(--line); border-radius: 10px; }
.tile { padding: 18px 20px 18px; border-left: 1px solid var(--line); min-width: 0; }
.tile:first-child { border-left: 0; }
.tile-title { font-size: 13px; color: var(--quiet); }
.tile-value { font-size: 32px; line-height: 1.2; font-weight: 650; letter-spacing: -0.02em; margin: 4px 0 4px; }
.tile-detail { font-size: 13px; color: var(--quiet); text-wrap: pretty; }
.tile.good .tile-value { color: var(--good); }
.tile.bad .tile-value { color: var(--bad); }
.warnings { list-style: none; margin: 16px 0 0; padding: 10px 16px; background: var(--warn); border-left: 3px solid var(--warn-line); border-radius: 4px; overflow-wrap: anywhere; }
section > .warnings { margin: 0 0 16px; }
`;

const charts = `
figure { margin: 0; min-width: 0; }
figcaption { font-size: 14px; font-weight: 650; margin-bottom: 10px; overflow-wrap: anywhere; }
figcaption .sense { font-size: 13px; margin-left: 4px; }
.columns { display: grid; gap: 26px 36px; }
.columns.three { grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); }
.columns.two { grid-template-columns: repeat(auto-fit, minmax(340px, 1fr)); margin-bottom: 18px; }
.bars { display: grid; gap: 12px; }
.bar { display: grid; grid-template-columns: 1fr auto; gap: 3px 12px; align-items: baseline; font-size: 13.5px; }
.bar-label, .bar-text { grid-row: 1; }
.bar-label { min-width: 0; }
.bar-label.name { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.bar-text { white-space: nowrap; text-align: right; }
.bar-text .absent { white-space: normal; }
.track { grid-column: 1 / -1; position: relative; height: 14px; background: var(--track); border-radius: 3px; overflow: hidden; display: block; }
.stacked .track { display: flex; }
.fill, .limit, .range, .segment { display: block; height: 100%; }
.fill, .limit { position: absolute; left: 0; top: 0; border-radius: 3px 2px 2px 3px; background: var(--c); }
.limit { opacity: 0.3; }
.range { position: absolute; top: 6px; height: 2px; background: var(--ink); box-shadow: 0 0 0 1px var(--surface); }
.segment { background: var(--c); box-shadow: inset -1px 0 0 var(--gap); flex: none; }
.segment.thin { box-shadow: none; min-width: 1px; }
.board .track { background: linear-gradient(to right, var(--track) var(--full), transparent var(--full)); overflow: visible; }
.board .track::after { content: ""; position: absolute; left: calc(var(--full) - 1px); top: -3px; bottom: -3px; width: 1.5px; background: var(--ink); opacity: 0.6; }
.fill.over { background: repeating-linear-gradient(135deg, var(--c) 0 6px, var(--bad) 6px 9px); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 18px; padding: 0; font-size: 13px; color: var(--quiet); }
.chip { display: inline-block; width: 10px; height: 10px; border-radius: 2px; background: var(--c); margin-right: 7px; }
.tag { white-space: nowrap; }
.v-dense { --c: var(--dense); } .v-sparse-dense { --c: var(--sparse-dense); } .v-sparse-sparse { --c: var(--sparse-sparse); }
.c-busy { --c: var(--busy); } .c-starved { --c: var(--starved); } .c-blocked { --c: var(--blocked); } .c-idle { --c: var(--track); }
.legend .c-idle { box-shadow: inset 0 0 0 1px var(--line); }
.e-0 { --c: #3a6ea8; } .e-1 { --c: #7fb2d9; } .e-2 { --c: #178a7a; } .e-3 { --c: #85c79c; }
.e-4 { --c: #d9a441; } .e-5 { --c: #a78bc4; } .e-6 { --c: #98a2ac; } .e-7 { --c: #c46a5a; }
`;

const gantt = `
#pipeline figure + figure { margin-top: 28px; }
.gantt { display: grid; gap: 6px; font-size: 13px; }
.gantt-row { display: grid; grid-template-columns: 130px 1fr; gap: 12px; align-items: center; }
.rails { display: grid; gap: 2px; position: relative; min-width: 0; }
.rail { position: relative; height: 18px; background: var(--track); border-radius: 3px; display: block; }
.work { position: absolute; top: 0; height: 100%; border-radius: 3px; background: var(--c); color: #fff; font-style: normal; font-size: 11px; line-height: 18px; text-align: center; min-width: 2px; overflow: hidden; box-shadow: inset -1px 0 0 var(--gap); }
.p-0 { --c: #2f5f96; } .p-1 { --c: #12766b; } .p-2 { --c: #8a5a12; } .p-3 { --c: #76559b; }
.axis { color: var(--quiet); font-size: 12px; }
.axis .rails { height: 34px; border-top: 1px solid var(--line); }
.tick { position: absolute; top: 0; padding: 3px 0 0 5px; border-left: 1px solid var(--line); white-space: nowrap; height: 34px; line-height: 1.25; }
.tick b { font-weight: 400; color: var(--ink); display: block; }
`;

const tables = `
.scroll { overflow-x: auto; margin: 0 -6px; }
.scroll:focus-visible { outline: 2px solid var(--sparse-dense); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; }
th, td { padding: 6px 8px; text-align: left; font-weight: 400; vertical-align: baseline; white-space: nowrap; border-bottom: 1px solid var(--line); }
th.right, td.right { text-align: right; }
thead th { color: var(--quiet); font-size: 12.5px; vertical-align: bottom; border-bottom-color: var(--quiet); }
th[title] { cursor: help; }
tbody th[scope="row"] { position: sticky; left: 0; background: var(--surface); max-width: 220px; overflow: hidden; text-overflow: ellipsis; }
tr.group th { padding-top: 16px; font-weight: 650; }
tr.group .quiet { margin-left: 8px; font-size: 13px; }
tbody:first-of-type tr.group th { padding-top: 10px; }
.meter { display: inline-block; min-width: 58px; }
.meter i { display: block; height: 3px; border-radius: 2px; background: var(--busy); margin-top: 1px; margin-left: 0; min-width: 1px; }
details { margin-top: 16px; }
details summary { cursor: pointer; font-size: 14px; font-weight: 650; padding: 4px 0; }
.sentences { margin: 8px 0 0; padding-left: 18px; max-width: 82ch; }
.sentences li { margin: 5px 0; overflow-wrap: anywhere; }
footer { color: var(--quiet); font-size: 12.5px; margin-top: 24px; overflow-wrap: anywhere; }
`;

const narrow = `
@media (max-width: 900px) { .tiles { grid-template-columns: 1fr 1fr; } .tile:nth-child(odd) { border-left: 0; } .tile:nth-child(n + 3) { border-top: 1px solid var(--line); } }
@media (max-width: 560px) {
  main { padding: 24px 14px 40px; } h1 { font-size: 27px; } .headline { font-size: 17px; }
  section { padding: 18px 16px 20px; } .tile { padding: 14px 14px; } .tile-value { font-size: 25px; }
  .columns.two, .columns.three { grid-template-columns: minmax(0, 1fr); }
  .gantt-row { grid-template-columns: minmax(0, 1fr); gap: 2px; } .axis .bar-label { display: none; } .tick:nth-child(even) { display: none; }
  .bar-text { white-space: normal; } tbody th[scope="row"] { max-width: 130px; }
}`;

const print = `
@media print {
  :root {${lightColours} --page: #ffffff; }
  html { color-scheme: light; } body { font-size: 11px; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; } section { border: 0; padding: 12px 0; margin-top: 10px; border-top: 1px solid var(--line); border-radius: 0; }
  figure, tr, .bar, .gantt, .tile { break-inside: avoid; } h2, h3, figcaption { break-after: avoid; }
  .scroll { overflow: visible; } table { font-size: 8.5px; } th, td { padding: 3px 4px; } thead th { font-size: 8px; white-space: normal; }
  .scroll { margin: 0; } th:first-child, td:first-child { padding-left: 0; } .chip { width: 8px; height: 8px; }
  .tiles { grid-template-columns: repeat(4, 1fr); } .tile { padding: 10px 12px; } .tile + .tile { border-left: 1px solid var(--line); border-top: 0; }
  .columns { gap: 16px 22px; } .columns.two { grid-template-columns: 1fr 1fr; } .columns.three { grid-template-columns: repeat(3, minmax(0, 1fr)); }
  .bar, .gantt, .note, .legend, figcaption, figcaption .sense, .tile-title, .tile-detail, .facts, footer { font-size: 10px; }
  h1 { font-size: 26px; } h2 { font-size: 15px; } h3, details summary { font-size: 12px; } tr.group .quiet { font-size: 8.5px; } .tile-value { font-size: 21px; } .headline { font-size: 14px; }
}`;

/** The whole style sheet: light and dark, wide and narrow, screen and paper; loads nothing. */
export const styleSheet = [
  `:root {${lightColours} }`,
  `@media (prefers-color-scheme: dark) { :root {${darkColours} } }`,
  base,
  tiles,
  charts,
  gantt,
  tables,
  narrow,
  print,
].join('\n');
