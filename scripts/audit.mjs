// `npm audit` of what is installed with nzflow. Exit 1 for a known vulnerability of any weight; a
// registry that cannot be asked (offline, or a mirror without that service) is told and let pass.

import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const minutes = 60_000;

const audit = spawnSync('npm', ['audit', '--omit=dev', '--json'], {
  cwd: root,
  encoding: 'utf8',
  timeout: minutes,
  env: { ...process.env, npm_config_fetch_retries: '0' },
});

/** npm's answer, or null where it gave none. */
function answer() {
  try {
    return JSON.parse(audit.stdout);
  } catch {
    return null;
  }
}

const result = answer();
const total = result?.metadata?.vulnerabilities?.total;
if (total === undefined) {
  const why = result?.message ?? audit.error?.message ?? audit.stderr.trim().split('\n')[0];
  // without the address: it is of the machine, not of the project
  const short = String(why || 'no answer').replace(/ - \w+ \S+:\/\/\S+|\S+:\/\/\S+/g, '');
  console.log(`audit: NOT DONE, the registry does not answer it (${short})`);
} else if (total === 0) {
  console.log(`audit: no known vulnerability in ${result.metadata.dependencies.prod} packages`);
} else {
  for (const { name, severity, range } of Object.values(result.vulnerabilities)) {
    console.log(`audit: ${name} ${range}: ${severity}`);
  }
  console.log(`audit: ${total} known vulnerabilities, see \`npm audit --omit=dev\``);
  process.exitCode = 1;
}
