import type { GraphReward } from './reward.js';

/**
 * F1 of the triples that are listed against those that the question needs: one that is wrong, not needed or listed twice costs as much as one that is
 * missing. 1 where nothing is needed and nothing listed.
 */
export const knowledge: GraphReward = (written, { listed: needed }) => {
  if (!written) return 0;
  const { listed } = written;
  if (!listed.length && !needed.length) return 1;
  const found = new Set(listed.filter((triple) => needed.includes(triple))).size;
  return (2 * found) / (listed.length + needed.length);
};
