import { parseArgs } from 'node:util';
import { wrongOption } from '../checks/error.js';
import type { Check } from '../verify/comparison.js';
import { verifyFolder } from '../verify/verify.js';
import type { Command } from './command.js';

/** Is the network of a folder the published one? 1 where an output differs. */
export const verify: Command = {
  usage: 'verify DIR [--expected FILE] [--json]',
  summary: 'the Qwen2.5-VL in DIR beside what Python transformers computed from it (DIR/expected.safetensors)',
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { expected: { type: 'string' }, json: { type: 'boolean' } },
    });
    if (positionals.length !== 1) throw wrongOption('verify', positionals.join(' '), 'one folder');
    const result = await verifyFolder(positionals[0], values.expected);
    if (values.json) console.log(JSON.stringify(result));
    else for (const line of table(result.checks)) console.log(line);
    return result.ok ? 0 : 1;
  },
};

function table(checks: readonly Check[]): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const number = (value: number) => (value === 0 ? '0' : value.toExponential(1)).padStart(9);
  const failed = checks.filter((check) => !check.ok).length;
  return [
    `${'output'.padEnd(width)}  ${['max', 'mean', 'tolerance'].map((title) => title.padStart(9)).join('  ')}`,
    ...checks.map(
      ({ name, max, mean, tolerance, ok }) =>
        `${name.padEnd(width)}  ${[max, mean, tolerance].map(number).join('  ')}  ${ok ? 'ok' : 'DIFFERS'}`,
    ),
    failed ? `${failed} of ${checks.length} differ` : `all ${checks.length} agree`,
  ];
}
