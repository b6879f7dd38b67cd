export { attentionOpener, attentionReader } from '../encoder/attention-reader.js';
export { findCheckpoint, loadBest, loadEncoder } from '../encoder/checkpoints.js';
export { embedSequences } from '../encoder/embed.js';
export { type Encoder, sequenceOptions } from '../encoder/encoder.js';
export { type Experiment, type PrepareOptions, prepare, preparePixels } from '../encoder/prepare.js';
export { type Calibration, calibrationPairs } from '../encoder/prune/calibration.js';
export { type PruneReport, pruneEncoder } from '../encoder/prune/prune-encoder.js';
export { startNetwork } from '../encoder/start-network.js';
export { traceSequence } from '../encoder/trace.js';
