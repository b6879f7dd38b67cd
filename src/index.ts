/**
 * The one door: what a notebook may use, room by room. ablate: studies of named changes. data: files to products, queries and pairs. engine: what runs the tensors.
 * evaluate: ranks, intervals, maps. figures: plain records in, pictures out. losses, negatives, regions, moon: the paper's pieces.
 * notebook: showing. qwen, text: the backbone. train: config, loop.
 */
import './notebook/comfort.js';

export { allOf, type Change, type Changes, grid, product } from './ablate/change.js';
export { compareStudies, comparisonText } from './ablate/compare-studies.js';
export { configDifference, differenceText } from './ablate/config-difference.js';
export { doseSeries } from './ablate/dose-studies.js';
export {
  type DoseRow,
  type DoseSeriesResult,
  doseCurves,
  dosePage,
  doseRows,
  doseTrends,
} from './ablate/dose-table.js';
export { studyCsv, studyJson, studyLatex, studyMarkdown } from './ablate/export-table.js';
export * from './ablate/ready-changes.js';
export { readyStudies } from './ablate/ready-studies.js';
export * from './ablate/removals.js';
export { runStudy, type StudyOptions, type StudyRun } from './ablate/run-study.js';
export { planRows, type Study } from './ablate/study.js';
export type { StudyData } from './ablate/study-data.js';
export { readStudyFile } from './ablate/study-file.js';
export { studyPage, writeTables } from './ablate/study-page.js';
export { readStudyResult, type StudyResult } from './ablate/study-result.js';
export { studyText, tableOf } from './ablate/study-text.js';
export * from './ablate/variations.js';
export { augmentBatch, DEFAULT_AUGMENT, drawAugmentation } from './data/augment.js';
export { findDuplicates } from './data/duplicates.js';
export { fetchImages } from './data/fetch.js';
export { type FrozenEncoder, openFrozenEncoder } from './data/frozen-encoder.js';
export { frozenFeatures } from './data/frozen-features.js';
export { GROCERY_PACK } from './data/grocery-pack.js';
export { decodeImage, decodeImages, imageSize, rastersToTensor } from './data/image.js';
export { type Inspection, inspectData } from './data/inspect.js';
export { inspectionPage } from './data/inspection-page.js';
export { inspectionText } from './data/inspection-text.js';
export { openCatalogue } from './data/open.js';
export { hammingDistance, perceptualHash } from './data/perceptual-hash.js';
export { attainableRecall, visibleDuplicates } from './data/shop/attainable.js';
export type { ShopOptions } from './data/shop/options.js';
export { generateShop, type Shop, withholdFromShop } from './data/shop.js';
export { applySplit, readSplit, splitIds, writeSplit } from './data/splits.js';
export { cutPictures, type StoredPictures } from './data/stored-pictures.js';
export { pictureOf, thumbnail } from './data/thumbnail.js';
export * from './data/types.js';
export { UserError } from './engine/check.js';
export { type Compiled, type CompileOptions, compile } from './engine/compile.js';
export { describeEngine, type EngineDescription, startEngine } from './engine/engine.js';
export type { Progress } from './engine/long-call.js';
export { countLeaks } from './engine/memory.js';
export { type RandomStream, randomStream } from './engine/random.js';
export { type Backend, configureEngine, type EngineSettings } from './engine/settings.js';
export * as tf from './engine/tf.js';
export { type AlignedMap, alignMaps } from './evaluate/align-maps.js';
export { clusterBootstrap, type Interval } from './evaluate/bootstrap.js';
export { mapPoints, mapVectors, retrievalCases } from './evaluate/cases.js';
export { embedSequences } from './evaluate/embed.js';
export { type EvaluateOptions, type Evaluation, evaluateTasks } from './evaluate/evaluate.js';
export { type Explanation, explain } from './evaluate/explain.js';
export { joinFolds } from './evaluate/join-folds.js';
export { type ModalityGap, modalityGap } from './evaluate/modality-gap.js';
export { keptNeighbours } from './evaluate/neighbour-change.js';
export { chanceOf, type Embeddings, type Rank, rankItems, retrievalMetrics } from './evaluate/ranks.js';
export { type RetrievalOptions, type RetrievalResult, retrieval } from './evaluate/retrieval.js';
export { saveEvaluation } from './evaluate/saved-evaluation.js';
export { unseenFolds, withoutProducts } from './evaluate/tasks/grocery-unseen.js';
export { type EmbeddingLayout, type LayoutOptions, layoutMap } from './evaluate/umap.js';
export { type AblationRow, ablationTable } from './figures/ablation-table.js';
export { attentionMap } from './figures/attention-map.js';
export { categoryBars } from './figures/category-bars.js';
export { categorySunburst } from './figures/category-sunburst.js';
export { confusionMatrix } from './figures/confusion-matrix.js';
export { countBars } from './figures/count-bars.js';
export { doseResponse } from './figures/dose-response.js';
export { embeddingMap, type MapPoint } from './figures/embedding-map.js';
export { expertLoad } from './figures/expert-load.js';
export type { Figure, Table } from './figures/figure.js';
export { forestPlot } from './figures/forest-plot.js';
export { type GalleryRow, gallery } from './figures/gallery.js';
export { type ChangedRow, galleryChanges } from './figures/gallery-changes.js';
export { type HardNegative, hardNegatives } from './figures/hard-negatives.js';
export { type InteractionCell, interactionPlot } from './figures/interaction-plot.js';
export { lossCurve } from './figures/loss-curve.js';
export { type ComparedPoint, mapComparison } from './figures/map-comparison.js';
export { type MetricRow, retrievalTable } from './figures/metric-table.js';
export { reportPage } from './figures/page.js';
export type { Picture } from './figures/picture.js';
export { productShelf } from './figures/product-shelf.js';
export { rankHistogram } from './figures/rank-histogram.js';
export { regionBoxes } from './figures/region-boxes.js';
export { similarityCurve } from './figures/similarity-curve.js';
export { writePage } from './figures/write-page.js';
export { circleLoss } from './losses/circle.js';
export { contrastiveLoss, type LossOption } from './losses/contrastive-loss.js';
export type { ContrastiveOptions, ContrastiveRecord } from './losses/contrastive-terms.js';
export { infoNce } from './losses/info-nce.js';
export { labelContrast } from './losses/label-contrast.js';
export { nestedLoss } from './losses/nested.js';
export { nextToken, nextTokenTargets } from './losses/next-token.js';
export { supervisedContrastive } from './losses/supervised-contrastive.js';
export { type TemperatureOption, temperatureOf } from './losses/temperature.js';
export {
  type Batch,
  type BatchTensors,
  buildBatch,
  imageTokens,
  type PictureInput,
  uploadBatch,
} from './moon/batch.js';
export { captionSequence, captionTargets, groundingSequence } from './moon/captions.js';
export { addExperts, checkExperts, type ExpertsOption, expertLayer } from './moon/experts.js';
export { batchOptions, embedBatch, initMoon, type MoonModel } from './moon/model.js';
export { nestedSizes, type PoolingOption, pool, truncate, unit } from './moon/pooling.js';
export { type RouterChoice, routerChoices } from './moon/router-choices.js';
export {
  type Aspect,
  type Field,
  productSequence,
  querySequence,
  readSequence,
  type Sequence,
  specialTokens,
} from './moon/sequence.js';
export type { FrozenVisionOption, VisionOption } from './moon/vision.js';
export { auditNegatives } from './negatives/audit.js';
export { cachedGradient } from './negatives/gradient-cache.js';
export { describeHard, drawHard, type HardOption } from './negatives/hard.js';
export { mineHard } from './negatives/mined.js';
export { checkNegatives, type NegativesOption, sourceUse } from './negatives/options.js';
export { productNumbers } from './negatives/product-numbers.js';
export { emptyQueue, pushQueue, type Queue } from './negatives/queue.js';
export { sameCategory } from './negatives/same-category.js';
export { type ContrastiveInput, sourceNames } from './negatives/sources.js';
export { groupRows, type SpatialOption } from './negatives/spatial.js';
export { type MakeEmbedder, startWorkers, type Workers } from './negatives/workers.js';
export { budgeted, stepBudget } from './notebook/budget.js';
export { progressBar } from './notebook/progress.js';
export { saveFigure } from './notebook/save-figure.js';
export { show, showLive } from './notebook/show.js';
export { watchStudy } from './notebook/watch-study.js';
export { parseConfig, type QwenConfig } from './qwen/config.js';
export { generate, streamText, streamTokens } from './qwen/generate.js';
export { groundingPrompt, parseBox } from './qwen/grounding.js';
export { processImage } from './qwen/image-patches.js';
export { loadImageProcessor } from './qwen/image-processor.js';
export { initWeights } from './qwen/init.js';
export { embedTokens, logits, mergeImageTokens, runLanguage } from './qwen/language.js';
export { applyLora, initLora } from './qwen/lora.js';
export { loadLora, saveLora } from './qwen/lora-file.js';
export { chatPrompt } from './qwen/prompt.js';
export { sizedConfig, sizes } from './qwen/sizes.js';
export { verifyFolder } from './qwen/verify.js';
export { encodeImages } from './qwen/vision.js';
export { loadWeights, saveModel, type Weights } from './qwen/weights.js';
export { attentionBox, titleAttention } from './regions/attention.js';
export { cutCrop } from './regions/crop.js';
export { detectorOf, type RegionOption } from './regions/detector.js';
export { groundingDetector } from './regions/grounding.js';
export { intersectionOverUnion } from './regions/overlap.js';
export { countFallbacks, type Detector, type Region, type RegionDetector } from './regions/region.js';
export { cachedDetector } from './regions/region-cache.js';
export { regionRequests } from './regions/requests.js';
export { saliencyMap, saliencyRegion } from './regions/saliency.js';
export { type RegionScore, scoreRegions } from './regions/score.js';
export { trainBytePairs } from './text/byte-pair-trainer.js';
export { createTokenizer, loadTokenizer, type Tokenizer, type TokenizerJson } from './text/tokenizer.js';
export { attentionOpener, attentionReader } from './train/attention-reader.js';
export { checkConfig, readConfig } from './train/check-config.js';
export { grocery, type MoonConfig, paper } from './train/config.js';
export { type Experiment, type PrepareOptions, prepare, preparePixels } from './train/experiment.js';
export { type StepRecord, type TrainOptions, train, trainSteps } from './train/loop.js';
export { loadPixels, type Pixels } from './train/pixels.js';
export { type BaseName, bases } from './train/recipes.js';
export { findCheckpoint, loadTrained, readState } from './train/run/checkpoint.js';
export { readEmbeddings, saveEmbeddings } from './train/run/embeddings-file.js';
export { loadBest } from './train/run/load-best.js';
export { type Manifest, readManifest } from './train/run/manifest.js';
export { readMetrics } from './train/run/metrics-file.js';
export { summaryWriter } from './train/run/summary-writer.js';
export { type FinishedRun, type TrainRunOptions, trainRun } from './train/run/train-run.js';
export { traceSequence } from './train/trace.js';
export { copyState, type TrainState } from './train/train-state.js';
export { sequenceOptions, startNetwork, type Trained } from './train/trained.js';
export { withSteps } from './train/with-steps.js';
