import type { Box, Raster } from '../../data/types.js';

/** What a proposer sees of a picture. */
export interface ProposedPicture {
  id: string;
  raster: Raster;
  /** Boxes that are known, for `given` alone. */
  boxes?: readonly Box[];
}

/** A proposer without a network. */
export type SimpleProposer = (picture: ProposedPicture, count: number) => Box[];

/** Proposes the boxes of several products in a picture, `count` at most, best first. */
export type Proposer = (picture: ProposedPicture, count: number) => Box[] | Promise<Box[]>;
