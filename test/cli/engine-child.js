/** Runs command lines of the built `moon-lab` one after the other, all on the engine of the environment, and prints how each ended. */
import { writeSync } from 'node:fs';
import { main, moonLab } from '../../dist/cli/main.js';

/** Every verb of the command line, such as `data inspect`. */
function verbsOf(command, names = []) {
  if (!command.commands.length) return [names.join(' ')];
  return command.commands.flatMap((each) => verbsOf(each, [...names, each.name()]));
}

const lines = JSON.parse(process.argv[2]);
const ends = [];
for (const line of lines) {
  const said = [];
  const keep = (text) => said.push(String(text)) > 0;
  const [out, err, log, error, warn] = [process.stdout.write, process.stderr.write, console.log, console.error, console.warn];
  Object.assign(process.stdout, { write: keep });
  Object.assign(process.stderr, { write: keep });
  Object.assign(console, { log: (text) => keep(`${text}\n`), error: (text) => keep(`${text}\n`), warn: keep });
  const started = performance.now();
  const code = await main(line).catch((thrown) => keep(thrown.stack) && 'thrown');
  Object.assign(process.stdout, { write: out });
  Object.assign(process.stderr, { write: err });
  Object.assign(console, { log, error, warn });
  ends.push({ verb: line.join(' '), code, said: said.join(''), seconds: (performance.now() - started) / 1000 });
}
writeSync(1, JSON.stringify({ verbs: verbsOf(moonLab(() => {})), ends }));
process.exit();
