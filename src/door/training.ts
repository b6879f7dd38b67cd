export type { Exchange } from '../cluster/exchange.js';
export {
  type EnrichedCatalogue,
  type EnrichReport,
  enrichCatalogue,
  enrichText,
} from '../train/enrich/enrich-catalogue.js';
export { type Forecast, type ForecastOptions, forecast } from '../train/forecast/forecast.js';
export { type TrainOptions, train, trainSteps } from '../train/loop.js';
export { readState } from '../train/run/checkpoint.js';
export { type Manifest, readManifest } from '../train/run/manifest.js';
export { readMetrics } from '../train/run/metrics-file.js';
export { summaryWriter } from '../train/run/summary-writer.js';
export { type FinishedRun, type TrainRunOptions, trainRun } from '../train/run/train-run.js';
export type { StepRecord } from '../train/step-record.js';
export { copyState, type TrainState } from '../train/train-state.js';
