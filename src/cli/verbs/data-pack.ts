import { copyFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { integer, text, withDefault } from '../flags.js';
import { checkOutputFolder, refuseInside, withPath } from '../places.js';
import { verb } from '../verb.js';

/** Rebuilds the shipped grocery pack. Burst groups are recomputed only if their network is given. */
export const dataPack = verb({
  name: 'pack',
  summary: 'Rebuild the shipped grocery pack: downscale the GroceryStore data set in FROM into TO.',
  arguments: { from: 'folder of the GroceryStore data set', to: 'folder to write the pack into' },
  flags: {
    side: withDefault(integer('PIXELS', 'shorter side of the photos', { min: 16, max: 4096 }), 128),
    network: text(
      'DIR',
      'folder of EfficientNet-lite0, to recompute the burst groups instead of copying the shipped ones',
    ),
  },
  reads: ['from'],
  examples: ['data pack GroceryStoreDataset small', 'data pack GroceryStoreDataset large --side 256 --network lite0'],
  check({ from, to }) {
    checkOutputFolder(to, 'TO');
    refuseInside(to, from, 'TO');
  },
  async run({ from, to, side, network }) {
    const { GROCERY_PACK, groceryGroups, packGrocery } = await import('../../datasets/grocery/pack.js');
    const { photos, iconic, texts, bytes } = await packGrocery(from, to, side).catch((error) => {
      throw withPath(error, to);
    });
    console.log(`${photos} photos, ${iconic} iconic images, ${texts} texts: ${(bytes / 1e6).toFixed(1)} MB in ${to}`);

    const groupsFile = join(to, 'groups.json');
    if (network === undefined) {
      if (resolve(to) !== GROCERY_PACK) await copyFile(join(GROCERY_PACK, 'groups.json'), groupsFile);
      console.log('groups.json is a copy of the shipped one; --network DIR recomputes it');
      return 0;
    }
    const { frozenFeatures } = await import('../../pictures/frozen/frozen-features.js');
    const made = await groceryGroups(from, (files) => frozenFeatures(network, files));
    await writeFile(groupsFile, `${JSON.stringify(made, null, 1)}\n`);
    const { random, dev, val } = made.check;
    console.log(`${new Set(Object.values(made.groups)).size} groups, ${made.dev.length} of them dev`);
    console.log(`recall@1 of the nearest photo: dev ${dev}, val ${val}, random split ${random}`);
    return 0;
  },
});
