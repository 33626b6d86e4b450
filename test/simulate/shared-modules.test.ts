import { describe, expect, it } from 'vitest';
import { sharedModulesConfig } from '../../src/simulate/shared-modules.ts';

const engine = `// module window_engine in a comment
module window_engine #(
  parameter Width = 4
) (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire [Width-1:0] in_data_i, // input wire not_a_port_i
  output wire [2*Width+1:0] out_data_o,
  output reg ready_o
);
  wire inner_i;
endmodule
`;

describe('sharedModulesConfig', () => {
  it('keeps engines whole and makes their ports readable, the clock excepted', () => {
    const config = sharedModulesConfig([engine], { copiesApart: false });
    expect(config.trim().split('\n')).toEqual([
      '`verilator_config',
      'no_inline -module "window_engine"',
      ...['rst_ni', 'in_data_i', 'out_data_o', 'ready_o'].map(
        (port) => `public_flat_rd -module "window_engine" -var "${port}"`,
      ),
    ]);
  });

  it('verilates copies and engines once each, layers kept whole, other modules left alone', () => {
    const sources = ['window_engine', 'nzflow_layer00', 'site_store'].map((name) =>
      engine.replaceAll('window_engine', name),
    );
    const config = sharedModulesConfig(sources, { copiesApart: true });
    expect(config.trim().split('\n')).toEqual([
      '`verilator_config',
      'hier_block -module "nzflow_copy"',
      'hier_block -module "window_engine"',
      'no_inline -module "nzflow_layer00"',
    ]);
  });
});
