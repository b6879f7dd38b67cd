import { intersectionOverUnion } from '../../data/overlap.js';
import type { Box } from '../../data/types.js';

/** How well proposed boxes cover known ones. */
export interface ProposalScore {
  /** Mean over known boxes of the overlap (intersection over union) with the best proposal that no other known box took. */
  overlap: number;
  /** Fraction of the known boxes with an overlap of at least a half. */
  recall: number;
}

/** The overlaps of known boxes with proposals, one to one: the best pair first, then the best of the rest. 0 for those that get none. */
export function matchedOverlaps(known: readonly Box[], proposed: readonly Box[]): number[] {
  const pairs = known
    .flatMap((box, at) => proposed.map((other, place) => ({ at, place, overlap: intersectionOverUnion(box, other) })))
    .sort((a, b) => b.overlap - a.overlap);
  const overlaps = new Array<number>(known.length).fill(0);
  const [taken, used] = [new Set<number>(), new Set<number>()];
  for (const { at, place, overlap } of pairs) {
    if (taken.has(at) || used.has(place)) continue;
    taken.add(at);
    used.add(place);
    overlaps[at] = overlap;
  }
  return overlaps;
}

export function scoreProposals(
  pictures: readonly { known: readonly Box[]; proposed: readonly Box[] }[],
): ProposalScore {
  const overlaps = pictures.flatMap(({ known, proposed }) => matchedOverlaps(known, proposed));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return { overlap: mean(overlaps), recall: mean(overlaps.map((overlap) => Number(overlap >= 0.5))) };
}
