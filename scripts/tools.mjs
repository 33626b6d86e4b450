// The external tools nzflow wants, and the packages that bring them.

/** Package managers we can name a package for; apt is the only one we drive ourselves. */
export const packageManagers = {
  apt: { command: 'apt-get', install: 'apt-get install' },
  brew: { command: 'brew', install: 'brew install' },
  dnf: { command: 'dnf', install: 'dnf install' },
  pacman: { command: 'pacman', install: 'pacman -S' },
};

export const tools = [
  {
    name: 'Verilator 5 or newer',
    commands: ['verilator'],
    minimumMajor: 5,
    packages: { apt: 'verilator', brew: 'verilator', dnf: 'verilator', pacman: 'verilator' },
  },
  {
    name: 'g++',
    commands: ['g++'],
    packages: { apt: 'g++', brew: 'gcc', dnf: 'gcc-c++', pacman: 'gcc' },
  },
  {
    name: 'make',
    commands: ['make'],
    packages: { apt: 'make', brew: 'make', dnf: 'make', pacman: 'make' },
  },
  {
    name: 'iverilog',
    commands: ['iverilog', 'vvp'],
    onlyForTests: true,
    packages: { apt: 'iverilog', brew: 'icarus-verilog', dnf: 'iverilog', pacman: 'iverilog' },
  },
  {
    name: 'yosys',
    commands: ['yosys', 'yosys-smtbmc', 'yosys-abc'],
    onlyForTests: true,
    packages: { apt: 'yosys', brew: 'yosys', dnf: 'yosys', pacman: 'yosys' },
  },
  {
    name: 'z3',
    commands: ['z3'],
    onlyForTests: true,
    packages: { apt: 'z3', brew: 'z3', dnf: 'z3', pacman: 'z3' },
  },
  {
    name: 'Redis or Valkey',
    commands: ['redis-server'],
    instead: ['valkey-server'],
    onlyForTests: true,
    packages: { apt: 'redis-server', brew: 'redis', dnf: 'valkey', pacman: 'valkey' },
  },
  {
    // opens the page of a search
    name: 'chromium',
    commands: ['chromium'],
    onlyForTests: true,
    packages: { apt: 'chromium', brew: 'chromium', dnf: 'chromium', pacman: 'chromium' },
  },
  {
    // FST waves: `--trace`, which the tests use as well.
    name: 'zlib headers',
    header: '/usr/include/zlib.h',
    onlyForTests: true,
    packages: { apt: 'zlib1g-dev', brew: 'zlib', dnf: 'zlib-devel', pacman: 'zlib' },
  },
  {
    name: 'nextpnr-ice40',
    commands: ['nextpnr-ice40'],
    onlyForTests: true,
    packages: {
      apt: 'nextpnr-ice40',
      brew: 'nextpnr-ice40',
      dnf: 'nextpnr',
      pacman: 'nextpnr',
    },
  },
  {
    name: 'icepack',
    commands: ['icepack'],
    onlyForTests: true,
    packages: {
      apt: 'fpga-icestorm',
      brew: 'icestorm',
      dnf: 'icestorm',
      pacman: 'icestorm',
    },
  },
];

/** Text for a person: what is missing and how each package manager calls it. */
export function missingLines(missing) {
  const lines = [`missing: ${missing.map((tool) => tool.name).join(', ')}; install with one of`];
  for (const [manager, { install }] of Object.entries(packageManagers)) {
    lines.push(`  ${install} ${missing.map((tool) => tool.packages[manager]).join(' ')}`);
  }
  if (missing.some((tool) => tool.minimumMajor !== undefined)) {
    lines.push(
      '  (a distribution with Verilator 4 only: https://verilator.org/guide/latest/install.html)',
    );
  }
  return lines;
}
