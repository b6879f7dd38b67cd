import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { wrongOption } from '../../checks/error.js';
import { isRecord } from '../../checks/schema.js';
import type { Adapter } from '../../data/adapter.js';
import type { Reading } from '../../data/catalogue-builder.js';
import { readJsonFile } from '../../store/json-file.js';
import { generateShop } from './shop.js';

const file = 'shop.json';

/**
 * Generates a shop from the options in a file `shop.json`, or in the folder that contains it: `{ "products": 500, "clutter": 0.8 }`.
 * Nothing else is read.
 */
export const adapter: Adapter = {
  recognises: async (path) => optionsFile(path) !== undefined,
  read: readShop,
};

function optionsFile(path: string): string | undefined {
  return [path, join(path, file)].find((name) => basename(name) === file && existsSync(name));
}

async function readShop(path: string): Promise<Reading> {
  const found = optionsFile(path);
  if (!found) throw wrongOption('data', path, `a file ${file}, or a folder that contains one`);
  const options = readJsonFile(found, 'create it with the options of a shop');
  if (!isRecord(options)) throw wrongOption(found, options, 'a record such as { "products": 500 }');
  return { catalogue: generateShop(options), imagePlaces: new Map(), productPlaces: new Map(), remoteImages: [] };
}
