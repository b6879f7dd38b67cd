/** The one door: what a notebook may use, grouped by name. */

// Data: files to products, queries and pairs.
export { GROCERY_PACK } from './data/grocery-pack.js';
export { decodeImage, imageSize } from './data/image.js';
export { openCatalogue } from './data/open.js';
export { thumbnail } from './data/thumbnail.js';
export * from './data/types.js';
// Engine: which backend runs the tensors, seeded random numbers, tensors.
export { UserError } from './engine/check.js';
export { describeEngine, type EngineDescription, startEngine } from './engine/engine.js';
export { type RandomStream, randomStream } from './engine/random.js';
export { type Backend, configureEngine, type EngineSettings } from './engine/settings.js';
export * as tf from './engine/tf.js';
// Training and evaluation.
export { clusterBootstrap, type Interval } from './evaluate/bootstrap.js';
export { embedSequences } from './evaluate/embed.js';
export { chanceOf, type Embeddings, type Rank, rankItems, retrievalMetrics } from './evaluate/ranks.js';
export { type RetrievalOptions, type RetrievalResult, retrieval } from './evaluate/retrieval.js';
export { layoutMap } from './evaluate/umap.js';
// Figures and the notebook.
export { embeddingMap, type MapPoint } from './figures/embedding-map.js';
export type { Figure, Table } from './figures/figure.js';
export { type GalleryRow, gallery } from './figures/gallery.js';
export { lossCurve } from './figures/loss-curve.js';
export { type MetricRow, retrievalTable } from './figures/metric-table.js';
export { reportPage } from './figures/page.js';
export { writePage } from './figures/write-page.js';
// MOON's own pieces: sequences, experts, pooling, regions, negatives, losses.
export { infoNce } from './losses/info-nce.js';
export { type Batch, type BatchTensors, buildBatch, imageTokens, uploadBatch } from './moon/batch.js';
export { addExperts, type ExpertsOption, expertLayer } from './moon/experts.js';
export { batchOptions, embedBatch, initMoon, type MoonModel } from './moon/model.js';
export { type PoolingOption, pool, unit } from './moon/pooling.js';
export {
  type Aspect,
  type Field,
  productSequence,
  querySequence,
  readSequence,
  type Sequence,
  specialTokens,
} from './moon/sequence.js';
export { emptyQueue, pushQueue, type Queue } from './negatives/queue.js';
export { type Progress, progressBar } from './notebook/progress.js';
export { show } from './notebook/show.js';
export type { Region, RegionDetector } from './regions/region.js';
export { saliencyMap, saliencyRegion } from './regions/saliency.js';
// Text: tokenizers.
export { trainBytePairs } from './text/byte-pair-trainer.js';
export { createTokenizer, loadTokenizer, type Tokenizer, type TokenizerJson } from './text/tokenizer.js';
export { grocery, type MoonConfig } from './train/config.js';
export { type Experiment, prepare } from './train/experiment.js';
export { type StepRecord, sequenceOptions, startNetwork, type Trained, train } from './train/loop.js';
export { loadPixels, type Pixels } from './train/pixels.js';
