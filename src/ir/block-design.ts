/** How the logic of a board is wired to its processor: what `boards/*.yaml` says under `blockDesign`. */
export interface BlockDesignRecipe {
  /** The cell of the processing system: Zynq-7000 or Zynq UltraScale+. */
  readonly processor: 'zynq7' | 'zynq_ultra_ps_e';
  /** Vendor, board and part as the vendor's board files name them; versions are taken as installed. */
  readonly boardPart: string;
  /** What a module is plugged into, as `set_property board_connections` wants it; null for a board that is whole. */
  readonly carrier: string | null;
  /** Port through which the processor reaches registers. */
  readonly controlPort: string;
  /** Port through which the logic reaches memory, and its width. */
  readonly memoryPort: string;
  readonly memoryPortBits: number;
  /** Clock from the processor to the logic. */
  readonly clock: string;
}
