import { expect, test } from 'vitest';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { prepare } from '../../src/encoder/prepare.js';
import { countLeaks } from '../../src/engine/memory.js';
import { pairReliability } from '../../src/evaluate/pair-reliability.js';
import { shopOptions, shortConfig } from '../train/run/short-run.js';

test('every pair of training has a phi, and the area says whether right pairs have more of it', async () => {
  const shop = generateShop({ ...shopOptions, wrongPurchases: 0.5 });
  const { encoder, pixels } = await prepare({ ...shortConfig, captioning: { kind: 'none' } }, shop);
  const { result, leaked } = await countLeaks(() => pairReliability(encoder, shop, pixels, { kappa: 10, end: 0 }));
  encoder.parameters.dispose();
  expect(leaked).toBe(0);
  const { pairs, auc } = result;
  const trained = shop.pairs.filter(({ split }) => split === 'train');
  expect(pairs.length).toBeGreaterThan(0.9 * trained.length);
  expect(pairs.filter(({ wrong }) => wrong).length).toBeGreaterThan(20);
  // The obvious count over all pairs.
  const [right, wrong] = [false, true].map((is) => pairs.filter((pair) => pair.wrong === is).map(({ phi }) => phi));
  const wins = right.flatMap((a) => wrong.map((b) => (a > b ? 1 : a === b ? 0.5 : 0) as number));
  expect(auc.value).toBeCloseTo(wins.reduce((sum, win) => sum + win, 0) / wins.length, 10);
  expect(auc.low).toBeLessThan(auc.value);
});
