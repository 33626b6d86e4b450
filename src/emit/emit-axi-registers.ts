import { ceilLog2 } from '../base/bits.ts';
import type { DesignFile, Plan } from '../ir/plan.ts';
import { counterCount, registerMap } from '../plan/interfaces/register-map.ts';
import type { Register, RegisterField, RegisterMap } from '../plan/interfaces/register-map.ts';
import { provenance } from './provenance.ts';
import { moduleFile } from './verilog.ts';

/** A field with the register it belongs to; a register that is one field has the name of it alone. */
interface Place {
  readonly register: Register;
  readonly field: RegisterField;
  readonly name: string;
}

function placesOf(map: RegisterMap): readonly Place[] {
  return map.registers.flatMap((register) => {
    if (register.constant !== undefined) return [];
    if (register.fields.length > 0) {
      return register.fields.map((field) => ({
        register,
        field,
        name: `${register.name}_${field.name}`,
      }));
    }
    const { name, access, description } = register;
    if (access === 'fields') return [];
    return [{ register, field: { name, bit: 0, bits: 32, access, description }, name }];
  });
}

function range(bits: number): string {
  return bits === 1 ? '' : `[${bits - 1}:0] `;
}

/** The port that a field is to the rest of the block. */
function portOf({ field, name }: Place): string {
  const inward = field.access === 'read' || field.access === 'clear';
  return inward
    ? `  input  wire ${range(field.bits)}${name}_i`
    : `  output wire ${range(field.bits)}${name}_o`;
}

function slice({ bit, bits }: RegisterField): string {
  return bits === 1 ? `[${bit}]` : `[${bit + bits - 1}:${bit}]`;
}

function hit(register: Register): string {
  return `write && write_word == ${wordName(register)}`;
}

function wordName({ name }: Register): string {
  return `Word${name
    .split('_')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('')}`;
}

/** What keeps a field, or tells a pulse. */
function fieldText(place: Place): string {
  const { register, field, name } = place;
  const written = `write_data${slice(field)} & write_mask${slice(field)}`;
  switch (field.access) {
    case 'read':
      return '';
    case 'pulse':
      return `  assign ${name}_o = ${hit(register)} && |(${written});\n`;
    case 'read-write':
      return `  reg ${range(field.bits)}${name}_q;
  assign ${name}_o = ${name}_q;
  always @(posedge clk_i) begin
    if (!rst_ni) ${name}_q <= ${field.bits}'d${register.reset ?? 0};
    else if (${hit(register)}) begin
      ${name}_q <= (${written}) | (${name}_q & ~write_mask${slice(field)});
    end
  end
`;
    case 'clear':
      return `  reg ${range(field.bits)}${name}_q;
  always @(posedge clk_i) begin
    if (!rst_ni) ${name}_q <= ${field.bits}'d0;
    else ${name}_q <= ${name}_i | (${name}_q & ~(${hit(register)} ? ${written} : ${field.bits}'d0));
  end
`;
  }
}

/** What a register reads as. */
function readText(register: Register, places: readonly Place[]): string {
  if (register.constant !== undefined) {
    return `32'h${register.constant.toString(16).padStart(8, '0')}`;
  }
  const parts: string[] = [];
  let next = 0;
  const fields = places.filter((place) => place.register === register);
  for (const { field, name } of fields) {
    if (field.bit > next) parts.unshift(`${field.bit - next}'d0`);
    const kept = { read: `${name}_i`, pulse: `${field.bits}'d0`, clear: `${name}_q` };
    parts.unshift(field.access === 'read-write' ? `${name}_q` : kept[field.access]);
    next = field.bit + field.bits;
  }
  if (next < 32) parts.unshift(`${32 - next}'d0`);
  return parts.length === 1 ? (parts[0] ?? '') : `{${parts.join(', ')}}`;
}

/** The registers behind AXI4-Lite, decoded as the register map says. */
export function emitAxiRegisters(plan: Plan): DesignFile {
  const map = registerMap(plan);
  const { addressBits, registers, counterBase } = map;
  const places = placesOf(map);
  const wordBits = addressBits - 2;
  const counters = counterCount(map);
  const indexBits = ceilLog2(counters);
  const word = (offset: number): string => `${wordBits}'h${(offset / 4).toString(16)}`;
  const body = `module nzflow_axi_registers (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire awvalid_i,
  output wire awready_o,
  input  wire [${addressBits - 1}:0] awaddr_i,
  input  wire wvalid_i,
  output wire wready_o,
  input  wire [31:0] wdata_i,
  input  wire [3:0] wstrb_i,
  output wire bvalid_o,
  input  wire bready_i,
  output wire [1:0] bresp_o,
  input  wire arvalid_i,
  output wire arready_o,
  input  wire [${addressBits - 1}:0] araddr_i,
  output wire rvalid_o,
  input  wire rready_i,
  output wire [31:0] rdata_o,
  output wire [1:0] rresp_o,
  output wire [${indexBits - 1}:0] counter_index_o,
  output wire counter_high_o,
  input  wire [31:0] counter_data_i,
${places.map(portOf).join(',\n')}
);

${registers.map((register) => `  localparam [${wordBits - 1}:0] ${wordName(register)} = ${word(register.offset)};`).join('\n')}
  localparam [${wordBits - 1}:0] WordCounters = ${word(counterBase)};
  localparam [${wordBits - 1}:0] WordCountersLast = ${word(counterBase + 8 * counters - 4)};

  wire write, read;
  wire [${addressBits - 1}:0] write_address, read_address;
  wire [31:0] write_data, read_data;
  wire [3:0] write_strobe;
  axi_lite_slave #(.AddressBits(${addressBits}), .ReadLatency(1)) u_slave (
    .clk_i(clk_i), .rst_ni(rst_ni), .awvalid_i(awvalid_i), .awready_o(awready_o),
    .awaddr_i(awaddr_i), .wvalid_i(wvalid_i), .wready_o(wready_o), .wdata_i(wdata_i),
    .wstrb_i(wstrb_i), .bvalid_o(bvalid_o), .bready_i(bready_i), .bresp_o(bresp_o),
    .arvalid_i(arvalid_i), .arready_o(arready_o), .araddr_i(araddr_i), .rvalid_o(rvalid_o),
    .rready_i(rready_i), .rdata_o(rdata_o), .rresp_o(rresp_o), .write_o(write),
    .write_address_o(write_address), .write_data_o(write_data), .write_strobe_o(write_strobe),
    .read_o(read), .read_address_o(read_address), .read_data_i(read_data)
  );
  wire [${wordBits - 1}:0] write_word = write_address[${addressBits - 1}:2];
  wire [${wordBits - 1}:0] read_word = read_address[${addressBits - 1}:2];
  wire [31:0] write_mask = {
    {8{write_strobe[3]}}, {8{write_strobe[2]}}, {8{write_strobe[1]}}, {8{write_strobe[0]}}
  };
  wire unused = &{1'b0, read, write_address[1:0], read_address[1:0], write_data, write_mask,
                  counter_place};

${places.map(fieldText).join('')}
  // a word is there a cycle behind its address, one of a counter comes from their memory
  wire counter = read_word >= WordCounters && read_word <= WordCountersLast;
  wire [${wordBits - 1}:0] counter_place = read_word - WordCounters;
  assign counter_index_o = counter_place[${indexBits}:1];
  assign counter_high_o = counter_place[0];
  reg [31:0] word_q;
  reg counter_q;
  always @(posedge clk_i) begin
    counter_q <= counter;
    case (read_word)
${registers.map((register) => `      ${wordName(register)}: word_q <= ${readText(register, places)};`).join('\n')}
      default: word_q <= 32'd0;
    endcase
  end
  assign read_data = counter_q ? counter_data_i : word_q;

endmodule
`;
  return {
    name: 'nzflow_axi_registers.v',
    content: moduleFile(
      [
        'nzflow_axi_registers: control, status and identification behind AXI4-Lite.',
        'Registers are in driver/nzflow_registers.h and registers.md, from the same description.',
        'An address without a register reads 0; writes to it do nothing.',
        ...provenance(plan),
      ],
      body,
    ),
  };
}
