export { type AlignedMap, alignMaps } from '../maps/align-maps.js';
export { type ModalityGap, modalityGap } from '../maps/modality-gap.js';
export { keptNeighbours } from '../maps/neighbour-change.js';
export { type EmbeddingLayout, type LayoutOptions, layoutMap } from '../maps/umap.js';
