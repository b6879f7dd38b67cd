#!/usr/bin/env node
/** `npx moon-lab`, also called by the npm scripts: sets up the clone, then runs the command line. */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `moon-lab: Node ${process.versions.node} is too old. Install Node 20.19 or newer (22 and 24 work too), then start again.`,
  );
  process.exit(1);
}

// A reader such as `head` may close the pipe early. Then exit with the code of a broken pipe, like other programs.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error) => {
    if (error.code === 'EPIPE') process.exit(141);
    throw error;
  });

const [verb = 'help', ...rest] = process.argv.slice(2);

async function main() {
  const { setupVerbs, helpText, wrongArgument } = await import('./verbs.js');
  const own = setupVerbs.find(({ name }) => name === verb);
  const explained = verb === 'help' ? setupVerbs.find(({ name }) => name === rest[0]) : own;
  if (explained && (verb === 'help' || rest.some((arg) => arg === '--help' || arg === '-h'))) {
    console.log(helpText(explained));
    return 0;
  }
  const wrong = own && wrongArgument(own, rest);
  if (wrong) {
    console.error(`moon-lab ${verb}: ${wrong}`);
    return 2;
  }
  if (verb === 'doctor') return (await import('./doctor.js')).doctor(rest);
  const { setUp } = await import('./setup.js');
  await setUp({ lab: verb === 'lab' || (verb === 'setup' && rest.includes('--lab')) });
  if (verb === 'setup') return 0;
  if (verb === 'test') return (await import('./test.js')).test(rest);
  if (verb === 'bench') return (await import('./bench.js')).bench(rest);
  if (verb === 'docs') return (await import('./docs.js')).docs(rest);
  if (verb === 'lab') return (await import('./lab.js')).lab(rest);
  return (await import('../../dist/cli/main.js')).main([verb, ...rest], setupVerbs);
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    const expected = error?.name === 'SetupError' || error?.name === 'UserError';
    console.error(expected ? `moon-lab: ${error.message}` : error);
    process.exitCode = error?.exitCode ?? 1;
  },
);
