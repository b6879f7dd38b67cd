/**
 * The one door: what a notebook may use, room by room. ablate: studies of named changes. data: files to products, queries and pairs. engine: what runs the tensors.
 * evaluate: ranks, intervals, maps. figures: plain records in, pictures out. losses, negatives, regions, moon: the paper's pieces.
 * notebook: showing. qwen, text: the backbone. train: config, loop.
 */
import './notebook/comfort.js';

export { allOf, type Change, type Changes, grid, product } from './ablate/changes/change.js';
export * from './ablate/changes/ready-changes.js';
export * from './ablate/changes/removals.js';
export * from './ablate/changes/variations.js';
export { compareStudies, comparisonText } from './ablate/report/compare-studies.js';
export {
  type DoseRow,
  type DoseSeriesResult,
  doseCurves,
  dosePage,
  doseRows,
  doseTrends,
} from './ablate/report/dose-table.js';
export { studyCsv, studyJson, studyLatex, studyMarkdown } from './ablate/report/export-table.js';
export { studyPage, writeTables } from './ablate/report/study-page.js';
export { studyText, tableOf } from './ablate/report/study-text.js';
export { runStudy, type StudyOptions, type StudyRun } from './ablate/run/run-study.js';
export { readStudyResult, type StudyResult } from './ablate/run/study-result.js';
export { doseSeries } from './ablate/studies/dose-studies.js';
export { readyStudies } from './ablate/studies/ready-studies.js';
export { planRows, type Study } from './ablate/studies/study.js';
export type { StudyData } from './ablate/studies/study-data.js';
export { readStudyFile } from './ablate/studies/study-file.js';
export type { QwenConfig } from './backbones/qwen25vl/config.js';
export { parseConfig } from './backbones/qwen25vl/config-file.js';
export { processImage } from './backbones/qwen25vl/image-patches.js';
export { loadImageProcessor } from './backbones/qwen25vl/image-processor.js';
export { initWeights } from './backbones/qwen25vl/init.js';
export { embedTokens, logits, mergeImageTokens, runLanguage } from './backbones/qwen25vl/language.js';
export { sizedConfig, sizes } from './backbones/qwen25vl/sizes.js';
export { encodeImages } from './backbones/qwen25vl/vision.js';
export { loadWeights, saveModel } from './backbones/qwen25vl/weights.js';
export { UserError } from './checks/error.js';
export { checkConfig } from './config/check-config.js';
export type { MoonConfig } from './config/config.js';
export { configDifference, differenceText } from './config/config-difference.js';
export { withSteps } from './config/with-steps.js';
export { startCatalogue } from './data/catalogue-builder.js';
export { fetchImages } from './data/fetch-images.js';
export { unseenFolds, withoutProducts } from './data/folds.js';
export { countFound, type Found } from './data/found.js';
export { foundLines } from './data/found-text.js';
export { intersectionOverUnion } from './data/overlap.js';
export { productNumbers } from './data/product-numbers.js';
export { countFallbacks, type Detector, type Region, type RegionDetector } from './data/region.js';
export { applySplit, readSplit, splitIds, writeSplit } from './data/splits.js';
export * from './data/types.js';
export { bases, readConfig } from './datasets/bases.js';
export type { DataSet } from './datasets/data-set.js';
export { GROCERY_PACK } from './datasets/grocery/pack.js';
export { grocery, paper } from './datasets/grocery/recipes.js';
export { addDataSet } from './datasets/index.js';
export { type Inspection, inspectData } from './datasets/inspect/inspect.js';
export { inspectionPage } from './datasets/inspect/page.js';
export { inspectionText } from './datasets/inspect/text.js';
export { openCatalogue } from './datasets/open.js';
export { attainableRecall, visibleDuplicates } from './datasets/shop/attainable.js';
export type { ShopOptions } from './datasets/shop/settings.js';
export { generateShop, withholdFromShop } from './datasets/shop/shop.js';
export type { Shop } from './datasets/shop/shop-type.js';
export { attentionOpener, attentionReader } from './encoder/attention-reader.js';
export { findCheckpoint, loadBest, loadEncoder } from './encoder/checkpoints.js';
export { embedSequences } from './encoder/embed.js';
export { type Encoder, sequenceOptions, startNetwork } from './encoder/encoder.js';
export { type Experiment, type PrepareOptions, prepare, preparePixels } from './encoder/prepare.js';
export { traceSequence } from './encoder/trace.js';
export { type Compiled, type CompileOptions, compile } from './engine/compile/compile.js';
export { describeEngine, type EngineDescription, startEngine } from './engine/engine.js';
export type { Weights } from './engine/flat-weights.js';
export type { Progress } from './engine/long-call.js';
export { countLeaks } from './engine/memory.js';
export { type RandomStream, randomStream } from './engine/random.js';
export { type Backend, configureEngine, type EngineSettings } from './engine/settings.js';
export * as tf from './engine/tf.js';
export { mapPoints, mapVectors, retrievalCases } from './evaluate/cases.js';
export { type EvaluateOptions, type Evaluation, evaluateTasks } from './evaluate/evaluate.js';
export { type Explanation, explain } from './evaluate/explain.js';
export { joinFolds } from './evaluate/join-folds.js';
export { type RetrievalOptions, type RetrievalResult, retrieval } from './evaluate/retrieval.js';
export { saveEvaluation } from './evaluate/saved-evaluation.js';
export type { RankedEmbeddings, Row, TaskResult } from './evaluate/task-result.js';
export { attentionMap } from './figures/cards/attention-map.js';
export { type GalleryRow, gallery } from './figures/cards/gallery.js';
export { type ChangedRow, galleryChanges } from './figures/cards/gallery-changes.js';
export { type HardNegative, hardNegatives } from './figures/cards/hard-negatives.js';
export { productShelf } from './figures/cards/product-shelf.js';
export { regionBoxes } from './figures/cards/region-boxes.js';
export type { Figure, Table } from './figures/figure.js';
export { embeddingMap, type MapPoint } from './figures/maps/embedding-map.js';
export { type ComparedPoint, mapComparison } from './figures/maps/map-comparison.js';
export { reportPage } from './figures/page/page.js';
export { writePage } from './figures/page/write-page.js';
export type { Picture } from './figures/picture.js';
export { type AblationRow, ablationTable } from './figures/plots/ablation-table.js';
export { categoryBars } from './figures/plots/category-bars.js';
export { categorySunburst } from './figures/plots/category-sunburst.js';
export { confusionMatrix } from './figures/plots/confusion-matrix.js';
export { countBars } from './figures/plots/count-bars.js';
export { doseResponse } from './figures/plots/dose-response.js';
export { expertLoad } from './figures/plots/expert-load.js';
export { forestPlot } from './figures/plots/forest-plot.js';
export { type InteractionCell, interactionPlot } from './figures/plots/interaction-plot.js';
export { lossCurve } from './figures/plots/loss-curve.js';
export { type MetricRow, retrievalTable } from './figures/plots/metric-table.js';
export { rankHistogram } from './figures/plots/rank-histogram.js';
export { similarityCurve } from './figures/plots/similarity-curve.js';
export { generate, streamText, streamTokens } from './generate/generate.js';
export { groundingPrompt, parseBox } from './generate/grounding-prompt.js';
export { chatPrompt } from './generate/prompt.js';
export { contrastiveLoss } from './losses/contrastive-loss.js';
export type { ContrastiveOptions, ContrastiveRecord } from './losses/contrastive-terms.js';
export { infoNce } from './losses/info-nce.js';
export { labelContrast } from './losses/label-contrast.js';
export { nestedLoss } from './losses/nested.js';
export { nextToken, nextTokenTargets } from './losses/next-token.js';
export type { LossOption } from './losses/option.js';
export { supervisedContrastive } from './losses/supervised-contrastive.js';
export { temperatureOf } from './losses/temperature.js';
export type { TemperatureOption } from './losses/temperature-option.js';
export { truncate, unit } from './losses/unit-rows.js';
export { type AlignedMap, alignMaps } from './maps/align-maps.js';
export { type ModalityGap, modalityGap } from './maps/modality-gap.js';
export { keptNeighbours } from './maps/neighbour-change.js';
export { type EmbeddingLayout, type LayoutOptions, layoutMap } from './maps/umap.js';
export type { Aspect } from './moon/aspect-option.js';
export { type Batch, type BatchTensors, buildBatch, imageTokens, uploadBatch } from './moon/batch.js';
export { captionSequence, captionTargets, groundingSequence } from './moon/captions.js';
export { addExperts } from './moon/experts/add-experts.js';
export { expertLayer } from './moon/experts/layer.js';
export { checkExperts, type ExpertsOption } from './moon/experts/option.js';
export { type RouterChoice, routerChoices } from './moon/experts/router-choices.js';
export { batchOptions, embedBatch, initMoon, type MoonModel } from './moon/model.js';
export { pool } from './moon/pooling.js';
export { nestedSizes, type PoolingOption } from './moon/pooling-option.js';
export {
  type Field,
  productSequence,
  querySequence,
  readSequence,
  type Sequence,
  specialTokens,
} from './moon/sequence.js';
export { auditNegatives } from './negatives/audit.js';
export { describeHard, drawHard } from './negatives/hard.js';
export {
  checkNegatives,
  type HardOption,
  type NegativesOption,
  type SpatialOption,
  sourceNames,
  sourceUse,
} from './negatives/options.js';
export { emptyQueue, pushQueue, type Queue } from './negatives/queue.js';
export { sameCategory } from './negatives/same-category.js';
export type { ContrastiveInput } from './negatives/sources.js';
export { groupRows } from './negatives/spatial.js';
export { budgeted, stepBudget } from './notebook/budget.js';
export { progressBar } from './notebook/progress.js';
export { saveFigure } from './notebook/save-figure.js';
export { show, showLive } from './notebook/show.js';
export { watchStudy } from './notebook/watch-study.js';
export { cachedGradient } from './objectives/contrastive/gradient-cache.js';
export { drawAugmentation } from './pictures/augment.js';
export { DEFAULT_AUGMENT } from './pictures/augment-option.js';
export { cutCrop } from './pictures/crop.js';
export { findDuplicates } from './pictures/duplicates.js';
export { type FrozenEncoder, openFrozenEncoder } from './pictures/frozen-encoder.js';
export { frozenFeatures } from './pictures/frozen-features.js';
export { decodeImage, decodeImages, imageSize, rastersToTensor } from './pictures/image.js';
export { hammingDistance, perceptualHash } from './pictures/perceptual-hash.js';
export { loadPixels, type Pixels } from './pictures/picture-store.js';
export { augmentPictures, cutPictures, type PictureInput, type StoredPictures } from './pictures/stored-pictures.js';
export { pictureOf, thumbnail } from './pictures/thumbnail.js';
export type { FrozenVisionOption, VisionOption } from './pictures/vision-option.js';
export { attentionBox, titleAttention } from './regions/attention.js';
export { detectorOf } from './regions/detector.js';
export { groundingDetector } from './regions/grounding.js';
export type { RegionOption } from './regions/options.js';
export { cachedDetector } from './regions/region-cache.js';
export { regionRequests } from './regions/requests.js';
export { saliencyMap, saliencyRegion } from './regions/saliency.js';
export { type RegionScore, scoreRegions } from './regions/score.js';
export type { Embeddings, Rank } from './search/embeddings.js';
export { readEmbeddings, saveEmbeddings } from './search/embeddings-file.js';
export { mineHard } from './search/mined.js';
export { rankItems } from './search/ranks.js';
export { clusterBootstrap, type Interval } from './statistics/bootstrap.js';
export { catalogueTasks } from './tasks/catalogue-tasks.js';
export { chanceOf } from './tasks/kinds/chance.js';
export { addTaskKind, type TaskKind, taskKinds } from './tasks/kinds/index.js';
export { retrievalMetrics } from './tasks/kinds/retrieval.js';
export type { Ask, Input, Item, Protocol, Task, TaskSource } from './tasks/task.js';
export { trainBytePairs } from './text/byte-pair-trainer.js';
export { createTokenizer, loadTokenizer, type Tokenizer, type TokenizerJson } from './text/tokenizer.js';
export { type TrainOptions, train, trainSteps } from './train/loop.js';
export { readState } from './train/run/checkpoint.js';
export { type Manifest, readManifest } from './train/run/manifest.js';
export { readMetrics } from './train/run/metrics-file.js';
export { summaryWriter } from './train/run/summary-writer.js';
export { type FinishedRun, type TrainRunOptions, trainRun } from './train/run/train-run.js';
export type { StepRecord } from './train/step-record.js';
export { copyState, type TrainState } from './train/train-state.js';
export { verifyFolder } from './verify/verify.js';
export { applyLora, initLora } from './weights/lora.js';
export { loadLora, saveLora } from './weights/lora-file.js';
