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

  it('leaves other modules alone', () => {
    const config = sharedModulesConfig([engine.replaceAll('window_engine', 'site_store')], {
      copiesApart: true,
    });
    expect(config).toBe('`verilator_config\nhier_block -module "nzflow_copy"\n');
  });
});
