import { present } from '../../base/invariant.ts';
import type { BlockDesignRecipe } from '../../ir/block-design.ts';

/** What Vivado calls the parts of a processing system that a recipe names. */
export interface ProcessingSystem {
  readonly vlnv: string;
  readonly cell: string;
  /** Rule and configuration of `apply_bd_automation`: the board's preset. */
  readonly rule: string;
  readonly automation: string;
  /** Properties that switch ports, clock and interrupts on. */
  readonly properties: readonly (readonly [name: string, value: number])[];
  /** Clocks of the ports used. */
  readonly portClocks: readonly string[];
  readonly clock: string;
  readonly reset: string;
  readonly interrupt: string;
  /** Where registers go in its address space. */
  readonly controlBase: number;
  /** Bits of an address of memory. */
  readonly addressBits: number;
}

/** Throws on a recipe that the schema of boards refuses. */
export function processingSystem(recipe: BlockDesignRecipe, clockMHz: number): ProcessingSystem {
  return recipe.processor === 'zynq7' ? zynq7(recipe, clockMHz) : zynqUltra(recipe, clockMHz);
}

/** UG585 and PG082: names are those of the ports. */
function zynq7(recipe: BlockDesignRecipe, clockMHz: number): ProcessingSystem {
  const { controlPort, memoryPort, memoryPortBits, clock } = recipe;
  const number = clock.slice(-1);
  const short = memoryPort.replace('S_AXI_', '');
  return {
    vlnv: 'xilinx.com:ip:processing_system7',
    cell: 'processing_system7_0',
    rule: 'xilinx.com:bd_rule:processing_system7',
    automation:
      'make_external "FIXED_IO, DDR" apply_board_preset "1" Master "Disable" Slave "Disable"',
    properties: [
      [`PCW_USE_${controlPort}`, 1],
      [`PCW_USE_${memoryPort}`, 1],
      [`PCW_S_AXI_${short}_DATA_WIDTH`, memoryPortBits],
      [`PCW_EN_CLK${number}_PORT`, 1],
      [`PCW_FPGA${number}_PERIPHERAL_FREQMHZ`, clockMHz],
      ['PCW_USE_FABRIC_INTERRUPT', 1],
      ['PCW_IRQ_F2P_INTR', 1],
    ],
    portClocks: [`${controlPort}_ACLK`, `${memoryPort}_ACLK`],
    clock,
    reset: `FCLK_RESET${number}_N`,
    interrupt: 'IRQ_F2P',
    controlBase: controlPort === 'M_AXI_GP0' ? 0x4000_0000 : 0x8000_0000,
    addressBits: 32,
  };
}

/** PG201: ports of the full-power domain have other names in its properties. */
const ultraPorts: Readonly<Record<string, { readonly name: string; readonly base: number }>> = {
  M_AXI_HPM0_FPD: { name: 'M_AXI_GP0', base: 0xa000_0000 },
  M_AXI_HPM1_FPD: { name: 'M_AXI_GP1', base: 0xb000_0000 },
  S_AXI_HP0_FPD: { name: 'GP2', base: 0 },
  S_AXI_HP1_FPD: { name: 'GP3', base: 0 },
  S_AXI_HP2_FPD: { name: 'GP4', base: 0 },
  S_AXI_HP3_FPD: { name: 'GP5', base: 0 },
};

function zynqUltra(recipe: BlockDesignRecipe, clockMHz: number): ProcessingSystem {
  const { controlPort, memoryPort, memoryPortBits, clock } = recipe;
  const number = clock.slice(-1);
  const control = present(ultraPorts[controlPort], 'a port of the processing system');
  const memory = present(ultraPorts[memoryPort], 'a port of the processing system');
  // the preset of a board may have switched on others, whose clocks would be missing
  const others = ['M_AXI_GP0', 'M_AXI_GP1', 'M_AXI_GP2'].filter((name) => name !== control.name);
  const clockOf = (port: string): string =>
    `${port.replaceAll('_', '').toLowerCase().replace('fpd', '_fpd')}_aclk`;
  return {
    vlnv: 'xilinx.com:ip:zynq_ultra_ps_e',
    cell: 'zynq_ultra_ps_e_0',
    rule: 'xilinx.com:bd_rule:zynq_ultra_ps_e',
    automation: 'apply_board_preset "1"',
    properties: [
      ...others.map((name) => [`PSU__USE__${name}`, 0] as const),
      [`PSU__USE__${control.name}`, 1],
      [`PSU__USE__S_AXI_${memory.name}`, 1],
      [`PSU__SAXI${memory.name}__DATA_WIDTH`, memoryPortBits],
      [`PSU__FPGA_PL${number}_ENABLE`, 1],
      [`PSU__CRL_APB__PL${number}_REF_CTRL__FREQMHZ`, clockMHz],
      ['PSU__USE__IRQ0', 1],
    ],
    portClocks: [clockOf(controlPort), clockOf(memoryPort)],
    clock,
    reset: `pl_resetn${number}`,
    interrupt: 'pl_ps_irq0',
    controlBase: control.base,
    addressBits: 40,
  };
}
