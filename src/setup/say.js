/** Progress of the setup, on stderr so that `--json` on stdout stays clean. */

const live = process.stderr.isTTY && !process.env.CI;

/** Show a step while `work` runs; `work` gets a function that updates the text after the step's name. */
export async function step(name, work) {
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  let detail = '';
  let shown = '';
  const draw = () => {
    const line = `  ${name.padEnd(10)} ${detail} (${seconds()})`;
    if (live) process.stderr.write(`\r\x1b[K${line}`);
    else if (detail !== shown) process.stderr.write(`  ${name.padEnd(10)} ${detail}\n`);
    shown = detail;
  };
  const timer = live ? setInterval(draw, 250) : undefined;
  try {
    const outcome = await work((text) => {
      detail = text;
      draw();
    });
    if (live) process.stderr.write('\r\x1b[K');
    process.stderr.write(`  ${name.padEnd(10)} ${outcome ?? 'ready'} (${seconds()})\n`);
  } catch (error) {
    if (live) process.stderr.write('\r\x1b[K');
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** A line that must not be overlooked. */
export function warn(text) {
  process.stderr.write(`\n  ! ${text}\n\n`);
}

/** A failure of the setup that a user can mend: one sentence, then the remedy. Shown without a stack. */
export class SetupError extends Error {
  name = 'SetupError';

  constructor(problem, remedy) {
    super(`${problem} ${remedy}`);
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** Words of a command line that mean nothing. */
export class UsageError extends SetupError {
  exitCode = 2;
}
