export type { Embeddings, Rank } from '../search/embeddings.js';
export { readEmbeddings, saveEmbeddings } from '../search/embeddings-file.js';
export {
  queriesBeside,
  readEmbeddingFile,
  writeEmbeddingFile,
} from '../search/files/embedding-file.js';
export type { EmbeddingRows, EmbeddingTable } from '../search/files/embedding-table.js';
export { mineHard } from '../search/mined.js';
export { type NearestItems, nearestItems } from '../search/nearest-items.js';
export { rankItems } from '../search/ranks.js';
