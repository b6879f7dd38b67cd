import type { PublishedConfig } from './published-config.js';

type Tower = NonNullable<PublishedConfig['vision']>;

/** A vision tower with its first blocks alone, and what its configuration says of the others left out. */
export function towerDepth(tower: Tower, depth: number): Tower {
  const known = tower as Tower & { deepstackBlocks?: number[] };
  const { deepstackBlocks } = known;
  return {
    ...known,
    depth,
    ...(deepstackBlocks ? { deepstackBlocks: deepstackBlocks.filter((block) => block < depth) } : {}),
  } as Tower;
}
