import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shopGroups } from '../../../src/datasets/shop/groups.js';
import { generateShop } from '../../../src/datasets/shop/shop.js';
import { countLeaks } from '../../../src/engine/memory.js';
import { trainProposer } from '../../../src/instances/pasted/learned-proposer.js';
import { decodeImage } from '../../../src/pictures/image.js';
import { proposers } from '../../../src/regions/proposals/index.js';
import type { Proposer } from '../../../src/regions/proposals/proposer.js';
import { scoreProposals } from '../../../src/regions/proposals/score-proposals.js';
import { networks } from '../../needs.js';

const shop = generateShop({
  products: 120,
  imageSize: 64,
  views: 2,
  clutter: 0,
  trainQueries: 10,
  evaluationQueries: 1,
});
const singles = shop.products
  .filter(({ id }) => shop.splits.get(id) === 'train')
  .flatMap(({ images }) => images)
  .slice(0, 120);

test('a proposer that is learned from pasted pictures covers drawn products better than chance and a grid', {
  tags: ['networks'],
  timeout: 240_000,
}, async () => {
  const groups = shopGroups(shop, { count: 50, split: 'val' });
  const score = async (propose: Proposer) => {
    const pictures = [];
    for (const { id, image, members } of groups) {
      const raster = await decodeImage(image.source, { width: 64, height: 64, fit: 'stretch' });
      pictures.push({ known: members.map(({ box }) => box), proposed: await propose({ id, raster }, 4) });
    }
    return scoreProposals(pictures).overlap;
  };
  const model = join(networks, 'efficientnet-lite0');
  const learned = await trainProposer(singles, { model, composites: 160, steps: 200 });
  const own = await score(learned.propose);
  learned.dispose();
  expect(own).toBeGreaterThan((await score(proposers.random)) + 0.05);
  expect(own).toBeGreaterThan((await score(proposers.grid)) + 0.05);
});

test('it is the same for a seed, leaves no tensor, and needs pictures of enough products', async () => {
  const option = { model: 'test/fixtures/colours', composites: 16, steps: 4, side: 32 };
  const raster = await decodeImage(singles[0].source, { width: 32, height: 32, fit: 'stretch' });
  const found: unknown[] = [];
  const { leaked } = await countLeaks(async () => {
    for (const seed of [1, 1, 2]) {
      const proposer = await trainProposer(singles.slice(0, 12), { ...option, seed });
      found.push(await proposer.propose({ id: 'a', raster }, 3));
      proposer.dispose();
    }
  });
  expect(leaked).toBe(0);
  expect(found[1]).toEqual(found[0]);
  expect(found[2]).not.toEqual(found[0]);
  await expect(trainProposer(singles.slice(0, 3), option)).rejects.toThrow(
    'singles: found a product in 3 of 3 pictures',
  );
});
