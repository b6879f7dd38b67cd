import type { Check } from '../../verify/comparison.js';
import { computedDefault, text, toggle } from '../flags.js';
import { verb } from '../verb.js';

/** Exit code 1 if an output differs from the reference. */
export const verify = verb({
  name: 'verify',
  summary:
    'Compare the outputs of a published network (Qwen2.5-VL, Qwen3-VL, SmolVLM, Llama) with those that Python transformers computed.',
  arguments: { folder: 'folder with config.json, weights and tokenizer' },
  flags: {
    expected: computedDefault(text('FILE', 'outputs of transformers'), 'FOLDER/expected.safetensors'),
    json: toggle('print every comparison as JSON'),
  },
  reads: ['folder', 'expected'],
  examples: ['verify test/fixtures/qwen-folder', 'verify models/qwen --expected reference.safetensors --json'],
  async run({ folder, expected, json }) {
    const { startEngine } = await import('../../engine/engine.js');
    const { verifyFolder } = await import('../../verify/verify.js');
    await startEngine();
    const result = await verifyFolder(folder, expected);
    if (json) console.log(JSON.stringify(result));
    else for (const line of table(result.checks)) console.log(line);
    return result.ok ? 0 : 1;
  },
});

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
