/** A way to show products without words: a few tokens of features of each, from a frozen encoder. */
export interface Modality {
  name: string;
  /** Number of feature tokens of a product, and their width. */
  tokens: number;
  width: number;
  /** [products, tokens, width] */
  features: Float32Array;
}

/** How a modality stands in a network: without its features. */
export interface ModalityShape extends Pick<Modality, 'name' | 'tokens' | 'width'> {
  /** Learned tokens before and after the features (DAMC has 5; 0 for none). */
  frame: number;
}

/** Number of tokens that a product takes in a modality. */
export const lengthOf = ({ tokens, frame }: ModalityShape): number => tokens + 2 * frame;

/** Names of the weights of a modality. */
export const modalityNames = (name: string) => ({
  projector: { weight: `modality.${name}.projector.weight`, bias: `modality.${name}.projector.bias` },
  prefix: `modality.${name}.prefix`,
  suffix: `modality.${name}.suffix`,
});

/** Whether a weight belongs to a modality alone: its projector and the tokens around its features. */
export const isOfModality = (weight: string): boolean => weight.startsWith('modality.');
