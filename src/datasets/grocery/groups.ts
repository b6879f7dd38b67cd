import type { CatalogueBuilder } from '../../data/catalogue-builder.js';
import type { NeighbourCheck } from '../../data/neighbour-check.js';
import { isObject, parseObject } from '../../data/tables/json.js';

/** Assigns photos to bursts, and bursts to the dev split. */
export interface PhotoGroups {
  /** Photo path, as in train.txt -> group id. */
  groupOf: Map<string, string>;
  dev: Set<string>;
  /** The nearest-photo check recorded when the groups were made, if the file contains it. */
  check?: NeighbourCheck;
}

const file = 'groups.json';

/**
 * Read `groups.json` in the root of the data set: `{ "groups": { "<photo path>": "<group id>" }, "dev": ["<group id>", ...] }`, optionally
 * with `"check": { "dev": percent, "val": percent }` (see `NeighbourCheck`).
 */
export async function readGroups(builder: CatalogueBuilder): Promise<PhotoGroups> {
  const result: PhotoGroups = { groupOf: new Map(), dev: new Set() };
  if (!(await builder.folder.names('.')).includes(file)) return result;
  const text = await builder.text(file, { file });
  const content = text === undefined ? undefined : parseObject(text, undefined, builder.noteIn(file));
  if (!content) return result;
  const { groups, dev, check } = content;
  if (!isObject(groups) || !Array.isArray(dev)) {
    builder.note(
      'bad-groups',
      { file },
      'expected { "groups": { photo: group }, "dev": [group, ...] }; no photo has a group',
    );
    return result;
  }
  for (const [photo, group] of Object.entries(groups)) result.groupOf.set(photo, String(group));
  const known = new Set(result.groupOf.values());
  for (const group of dev.map(String)) {
    if (known.has(group)) result.dev.add(group);
    else builder.note('unknown-group', { file }, `dev names group ${JSON.stringify(group)}, which has no photo`);
  }
  if (isObject(check) && typeof check.dev === 'number' && typeof check.val === 'number') {
    result.check = { feature: `frozen network, recorded in ${file}`, dev: check.dev, val: check.val };
  }
  return result;
}
