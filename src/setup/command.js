import { spawn, spawnSync } from 'node:child_process';

/** Run a program and return its output. Rejects with the last lines of the output if it fails. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${program} ended with ${signal ?? code}: ${lastLines(output)}`));
    });
  });
}

/** Output of a program, trimmed; undefined if it fails or cannot be run. */
export function outputOf(program, args) {
  const result = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

function lastLines(text) {
  const lines = text.split('\n').filter((line) => line.trim() && !/^npm (warn|notice)/.test(line));
  return lines.slice(-4).join(' | ').slice(-600);
}
