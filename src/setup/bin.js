#!/usr/bin/env node
/** `npx moon-lab`, and what the npm scripts call: bring the clone to where it can work, then hand over to the command line. */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `moon-lab: Node ${process.versions.node} is too old. Install Node 20.19 or newer (22 and 24 work too), then start again.`,
  );
  process.exit(1);
}

const [verb, ...rest] = process.argv.slice(2);

async function main() {
  if (verb === 'doctor') return (await import('./doctor.js')).doctor(rest);
  const { setUp } = await import('./setup.js');
  await setUp({ lab: verb === 'lab' });
  if (verb === 'setup') return 0;
  if (verb === 'test') return (await import('./test.js')).test(rest);
  if (verb === 'bench') return (await import('./bench.js')).bench(rest);
  if (verb === 'lab') return (await import('./lab.js')).lab(rest);
  return (await import('../../dist/cli/main.js')).main([verb ?? 'help', ...rest]);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    const expected = error?.name === 'SetupError' || error?.name === 'UserError';
    console.error(expected ? `moon-lab: ${error.message}` : error);
    process.exitCode = 1;
  },
);
