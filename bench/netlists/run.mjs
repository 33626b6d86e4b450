// npm run verify:netlists [-- dense | sparse-sparse | ice40]
// What Yosys makes of the tiny CNN for an Ultra96 against the reference, bit for bit, and against the Verilog,
// cycle for cycle: 16 samples, as logic alone and with multiplier blocks and block memories. `ice40`: the netlist of
// its bitstream for an iCE40-HX8K (wants nextpnr-ice40 and icepack). Exits 1 when anything differs. Takes some
// ten minutes.
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('main.ts', import.meta.url)));
process.exitCode = await module.verifyTinyNetlists(process.argv.slice(2));
