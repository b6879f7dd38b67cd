import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** A process of its own: an engine starts only once in one. Uses the built module, as a notebook does. */
function run(script: string, env: Record<string, string> = {}) {
  const preamble = "import * as moon from 'moon-lab';\n";
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', preamble + script], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  return { status: result.status, stdout: result.stdout.trim(), stderr: result.stderr.trim() };
}

describe('the engine', () => {
  test('starts with the first operation, natively and without a word', () => {
    const { stdout, stderr } = run(
      'console.log(moon.tf.sum(moon.tf.ones([3, 3])).dataSync()[0], moon.engine.describeEngine().backend);',
    );
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^9 native-(cpu|gpu)$/);
  });

  test('takes threads before it starts and refuses them after', () => {
    const { stdout } = run(`
      moon.configureEngine({ threads: 1 });
      const { threads } = await moon.startEngine();
      try { moon.configureEngine({ threads: 2 }); } catch (error) { console.log(threads, error.name, error.message); }`);
    expect(stdout).toContain('1 UserError engine.threads: got 2 after the engine has started with 1.');
  });

  test.each([
    ["moon.configureEngine({ backend: 'gpu' })", {}, 'engine.backend: got "gpu", expected native-gpu | native-cpu'],
    ['moon.configureEngine({ threads: 0 })', {}, 'engine.threads: got 0, expected an integer from 1 to 1024'],
    ['await moon.startEngine()', { MOON_ENGINE: 'tpu' }, 'MOON_ENGINE: got "tpu"'],
    [
      'moon.tf.ones([2])',
      { MOON_ENGINE: 'wasm' },
      'The wasm engine does not start by itself. Call await startEngine()',
    ],
    ['moon.tf.ones([2])', { MOON_ENGINE: 'tpu' }, 'MOON_ENGINE: got "tpu"'],
    ['moon.tf.ones([2])', { MOON_THREADS: 'abc' }, 'MOON_THREADS: got "abc", expected an integer from 1 to 1024.'],
    ['moon.tf.ones([2])', { MOON_KERNELS: 'no' }, 'MOON_KERNELS: got "no", expected on | off.'],
    ['await moon.startEngine()', { MOON_THREADS: '0' }, 'MOON_THREADS: got "0"'],
    ['await moon.startEngine()', { MOON_THREADS: '1e2', MOON_ENGINE: 'cpu' }, 'MOON_THREADS: got "1e2"'],
    ['moon.engine.describeEngine()', { MOON_THREADS: '1025' }, 'MOON_THREADS: got "1025"'],
    ['moon.budgeted(moon.grocery, 100)', { MOON_STEPS: '2.5' }, 'MOON_STEPS: got "2.5", expected an integer of at'],
  ])('%s with %o says what is wrong, and no more', (call, env, message) => {
    const { stdout, stderr } = run(`try { ${call}; } catch (error) { console.log(error.name, error.message); }`, env);
    expect(stdout).toContain(`UserError ${message}`);
    expect(stderr).toBe('');
  });

  test('trains without its own kernels to the same losses up to rounding', () => {
    const script = `
      const shop = moon.generateShop({ products: 30, trainQueries: 60, evaluationQueries: 4, imageSize: 32 });
      const config = moon.readConfig({ base: 'grocery', imageSize: 32, network: { size: 'nano' }, captioning: { kind: 'none' }, sampler: { products: 8 }, optimizer: { steps: 4 }, engine: { compile: true } });
      const { encoder, pixels } = await moon.prepare(config, shop);
      await moon.train(encoder, shop, pixels, { onStep: ({ loss }) => console.log(loss) });`;
    const [own, plain] = ['on', 'off'].map((MOON_KERNELS) =>
      run(script, { MOON_KERNELS }).stdout.split('\n').map(Number),
    );
    expect(own).toHaveLength(4);
    expect(own).not.toEqual(plain);
    own.forEach((loss, at) => {
      expect(loss).toBeCloseTo(plain[at], 3);
    });
  });

  test.each(['wasm', 'cpu'])('%s computes the same, gradients too, and says how slow it is', (backend) => {
    const script = `
      await moon.startEngine();
      const x = moon.tf.reshape(moon.tf.range(0, 12), [3, 4]);
      console.log(moon.tf.matMul(x, x, false, true).dataSync().join(' '));
      const square = (y) => moon.tf.sum(moon.tf.add(moon.tf.mul(y, y), y));
      console.log(moon.tf.grad(square)(x).dataSync().join(' '));`;
    const other = run(script, { MOON_ENGINE: backend });
    expect(other.stdout).toBe(run(script).stdout);
    expect(other.stderr).toContain('slower than the native engine');
  });
});
