import { expect, test } from 'vitest';
import { prepare } from '../../../src/encoder/prepare.js';
import { train } from '../../../src/train/loop.js';
import { shortConfig, shortShop } from '../../train/run/short-run.js';

test('the loss curves of the compiled and of the plain step agree within what another seed changes', async () => {
  const shop = shortShop();
  const optimizer = { ...shortConfig.optimizer, steps: 16, accumulate: 1 };
  const curve = async (seed: number, compile: boolean) => {
    const { encoder, pixels } = await prepare({ ...shortConfig, seed, optimizer, engine: { compile } }, shop);
    const losses: number[] = [];
    await train(encoder, shop, pixels, { onStep: ({ loss }) => losses.push(loss) });
    encoder.parameters.dispose();
    return losses;
  };
  const [plain, compiled] = [await curve(1, false), await curve(1, true)];
  const others = [await curve(2, true), await curve(3, true)];
  const apart = (a: number[], b: number[]) => a.reduce((sum, loss, at) => sum + Math.abs(loss - b[at]), 0) / a.length;
  const spread = Math.min(...others.map((other) => apart(plain, other)));
  expect(compiled[0]).toBeCloseTo(plain[0], 5);
  expect(apart(plain, compiled)).toBeLessThan(0.1 * spread);
});
