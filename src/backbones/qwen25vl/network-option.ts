import { eitherRecord, integer, number, oneOf, text } from '../../checks/schema.js';
import { type SizeName, type Stem, sizeNames, stemSchema } from '../../pictures/tower-option.js';

/** Where a run starts: a new network, or the network of a folder. */
export type NetworkOption = NewNetwork | FolderNetwork;

/** The network of a folder: a published one of a known family, or a run of moon-lab. Its tokenizer and weights are used too. */
export interface FolderNetwork {
  from: string;
  /** Number of blocks of its language model, from the first on. Default all. */
  blocks?: number;
  /** `random`: the same network with new weights, as a control of what its training brings. Default `published`. */
  weights?: 'published' | 'random';
}

/** Shape of a new network: a named size, with single values overridden. */
export interface NewNetwork {
  size: SizeName;
  vocabulary: number;
  stem: Stem;
  visionDepth?: number;
  depth?: number;
  feedForwardWidth?: number;
  /**
   * Standard deviation of the weights that end a residual branch, at initialisation; 0 starts every block as the identity (Zhang et al.,
   * arXiv 1901.09321). By default 0.02 as published, like all other weights.
   */
  branchInitRange?: number;
}

type Open = 'visionDepth' | 'depth' | 'feedForwardWidth' | 'branchInitRange' | 'blocks';

export const networkSchema = eitherRecord<FolderNetwork, NewNetwork, Open>(
  { field: 'from', otherwise: 'a new network of the named size' },
  {
    from: text({
      help: 'folder of a published network, or of a run: training starts from its weights and tokenizer',
    }),
    blocks: integer({
      min: 1,
      max: 128,
      leftOut: 'all blocks',
      help: "with from: number of blocks of the folder's language model to use, from the first on",
    }),
    weights: oneOf(['published', 'random'], {
      default: 'published',
      help: 'with from: the weights of the folder, or new ones of the same shapes as a control',
    }),
  },
  {
    size: oneOf(sizeNames, { help: 'the named size, which sets all widths and depths' }),
    vocabulary: integer({ min: 280, max: 262144, help: 'size of the vocabulary, which is learned from the catalogue' }),
    stem: stemSchema,
    visionDepth: integer({ min: 1, max: 128, leftOut: 'set by the size', help: 'blocks of the vision tower' }),
    depth: integer({ min: 1, max: 128, leftOut: 'set by the size', help: 'blocks of the language model' }),
    feedForwardWidth: integer({
      min: 1,
      max: 65536,
      leftOut: 'set by the size',
      help: "the hidden width of the language model's feed-forward layers",
    }),
    branchInitRange: number({
      min: 0,
      max: 1,
      leftOut: '0.02, like all other weights',
      help: 'initial standard deviation of weights that end a residual branch; 0: blocks start as the identity',
    }),
  },
);
