/** Progress and errors of the setup. Progress goes to stderr, so that stdout has only the output of `--json`. */

const live = process.stderr.isTTY && !process.env.CI;

/** Show a step while `work` runs. `work` gets a function that updates the text after the step's name, and returns the final text. */
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

/** Print a prominent warning. */
export function warn(text) {
  process.stderr.write(`\n  ! ${text}\n\n`);
}

/** A setup failure that the user can fix: one sentence, then the remedy. Shown without a stack trace. */
export class SetupError extends Error {
  name = 'SetupError';

  constructor(problem, remedy) {
    super(`${problem} ${remedy}`);
    this.problem = problem;
    this.remedy = remedy;
  }
}

/** Invalid command-line arguments. */
export class UsageError extends SetupError {
  exitCode = 2;
}
