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
export { openMemoryStore } from '../search/stores/memory.js';
export { openStore } from '../search/stores/open-store.js';
export { withProductFields } from '../search/stores/product-fields.js';
export type { Condition, FoundItem, StoreSearchOptions, VectorStore } from '../search/stores/vector-store.js';
