import { copyFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { wrongOption } from '../checks/error.js';
import { GROCERY_PACK, groceryGroups, packGrocery } from '../datasets/grocery/pack.js';
import { frozenFeatures } from '../pictures/frozen-features.js';
import type { Command } from './command.js';

/** Rebuilds the shipped pack. Groups are made anew only where the network that made them is given. */
export const dataPack: Command = {
  usage: 'data pack FROM TO [--side PIXELS] [--network FOLDER]',
  summary:
    'the GroceryStore set in FROM made small in TO; --network (EfficientNet-lite0) also makes its burst groups anew',
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { network: { type: 'string' }, side: { type: 'string' } },
    });
    if (positionals.length !== 2) throw wrongOption('data pack', positionals.join(' '), 'two folders, FROM and TO');
    const [from, to] = positionals;
    const { photos, iconic, texts, bytes } = await packGrocery(
      from,
      to,
      values.side === undefined ? undefined : Number(values.side),
    );
    console.log(`${photos} photos, ${iconic} iconic images, ${texts} texts: ${(bytes / 1e6).toFixed(1)} MB in ${to}`);

    const groupsFile = join(to, 'groups.json');
    const { network } = values;
    if (network === undefined) {
      if (resolve(to) !== GROCERY_PACK) await copyFile(join(GROCERY_PACK, 'groups.json'), groupsFile);
      console.log('groups.json is the shipped one; --network FOLDER makes it anew');
      return 0;
    }
    const made = await groceryGroups(from, (files) => frozenFeatures(network, files));
    await writeFile(groupsFile, `${JSON.stringify(made, null, 1)}\n`);
    const { random, dev, val } = made.check;
    console.log(`${new Set(Object.values(made.groups)).size} groups, ${made.dev.length} of them dev`);
    console.log(`nearest photo, recall@1: dev ${dev}, val ${val}, a random split ${random}`);
    return 0;
  },
};
