import { styleSheet } from '../../report/html/style.ts';

const own = `
:root { --region: rgba(13, 127, 115, 0.10); }
@media (prefers-color-scheme: dark) { :root { --region: rgba(43, 179, 163, 0.13); } }
[hidden] { display: none !important; }
main.wide { max-width: 1360px; }
.chart { height: 380px; min-width: 0; }
#parallel-chart { height: 430px; }
.controls { display: flex; flex-wrap: wrap; gap: 8px 14px; align-items: center; margin: 4px 0 10px; font-size: 13.5px; color: var(--quiet); }
button, select, input, a.button { font: inherit; font-size: 13.5px; color: var(--ink); background: var(--surface); border: 1px solid var(--line); border-radius: 6px; padding: 4px 9px; text-decoration: none; }
button, select, a.button { cursor: pointer; }
button:disabled { opacity: 0.45; cursor: default; }
button:focus-visible, select:focus-visible, input:focus-visible, a:focus-visible, pre:focus-visible, summary:focus-visible { outline: 2px solid var(--sparse-dense); outline-offset: 1px; }
.filter { position: sticky; top: 0; z-index: 5; margin-top: 20px; padding: 10px 16px; background: var(--surface); border: 1px solid var(--line); border-radius: 10px; display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; font-size: 13.5px; }
.filter strong { min-width: 11em; }
.filter input { min-width: 15em; }
.brush { border-color: var(--sparse-sparse); }
.axis-filters { display: grid; grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); gap: 8px 18px; margin-top: 10px; }
.axis-filter { display: grid; grid-template-columns: 1fr 84px 84px; gap: 6px; align-items: center; font-size: 13px; }
.axis-filter select { grid-column: 2 / 4; }
.axis-filter span { overflow: hidden; text-overflow: ellipsis; }
.axis-filter input { width: 100%; padding: 4px 6px; }
.grid { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 0 20px; align-items: start; }
.ramp { width: 90px; height: 10px; border-radius: 2px; align-self: center; background: linear-gradient(to right, rgb(68,70,150), rgb(43,120,160), rgb(30,155,138), rgb(110,190,90), rgb(235,190,40)); }
.legend { margin-bottom: 8px; }
.chip.mark-circle { border-radius: 50%; } .chip.mark-triangle { clip-path: polygon(50% 0, 100% 100%, 0 100%); } .chip.mark-diamond { transform: rotate(45deg) scale(0.8); }
.chip.stroke { height: 0; width: 18px; border-top: 2px solid var(--ink); border-radius: 0; vertical-align: middle; background: none; } .chip.stroke.dashed { border-top: 1.5px dashed var(--bad); }
button.sort { border: 0; background: none; padding: 2px 0; color: inherit; font-size: 12.5px; }
th[aria-sort="ascending"] button.sort::after { content: " ▲"; } th[aria-sort="descending"] button.sort::after { content: " ▼"; }
button.open { border: 0; background: none; padding: 0 2px; color: var(--sparse-dense); text-decoration: underline; }
#trial-table tbody tr { cursor: pointer; }
#trial-table tbody tr:hover td, #trial-table tbody tr:hover th { background: var(--track); }
.state-front td:nth-child(2) { color: var(--good); font-weight: 650; } .state-failed td:nth-child(2) { color: var(--bad); } .state-infeasible td:nth-child(2) { color: var(--quiet); }
.pager { display: flex; gap: 10px; align-items: center; justify-content: flex-end; margin-top: 10px; font-size: 13.5px; color: var(--quiet); }
dialog { width: min(1120px, calc(100vw - 32px)); max-height: calc(100vh - 48px); border: 1px solid var(--line); border-radius: 10px; background: var(--surface); color: var(--ink); padding: 22px 26px 26px; overflow: auto; }
dialog::backdrop { background: rgba(0, 0, 0, 0.45); }
.record-head { display: flex; justify-content: space-between; gap: 16px; align-items: start; }
.record-facts { display: grid; grid-template-columns: minmax(120px, auto) 1fr; gap: 3px 16px; margin: 0; font-size: 13.5px; }
.record-facts dt { color: var(--quiet); overflow-wrap: anywhere; } .record-facts dd { margin: 0; overflow-wrap: anywhere; }
pre { font: 12.5px/1.45 ui-monospace, "SF Mono", Menlo, Consolas, "Liberation Mono", monospace; background: var(--track); border-radius: 6px; padding: 10px 12px; margin: 8px 0; overflow: auto; max-height: 320px; }
.actions { display: flex; gap: 10px; }
iframe { width: 100%; height: 70vh; border: 1px solid var(--line); border-radius: 8px; }
@media (max-width: 900px) { .grid { grid-template-columns: minmax(0, 1fr); } }
@media (max-width: 560px) { .chart { height: 300px; } .filter { position: static; } .filter input { min-width: 0; width: 100%; } }
@media print { .filter, .controls, .pager, .axis-filters, details { display: none; } }
`;

/** The style sheet of the page: that of the report, and what only this page has. */
export const pageStyle = `${styleSheet}\n${own}`;
