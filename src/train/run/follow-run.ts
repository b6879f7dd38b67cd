import type { Exchange } from '../../cluster/exchange.js';
import type { MoonConfig } from '../../config/config.js';
import type { Catalogue } from '../../data/types.js';
import { findCheckpoint, savedSteps } from '../../encoder/checkpoints.js';
import { prepare } from '../../encoder/prepare.js';
import * as tf from '../../engine/tf.js';
import { enrichCatalogue } from '../enrich/enrich-catalogue.js';
import { train } from '../loop.js';
import { meetWorkers, waitForAll } from '../shared/meet.js';
import { readState } from './checkpoint.js';
import { describeRun, provenanceOf } from './manifest.js';
import type { TrainRunOptions } from './train-run.js';

/**
 * Train a run together with worker 0, whose `trainRun` writes its folder. Nothing is written here. Worker 0 prepares first, so that caches on
 * a common disk are filled once.
 * @throws UserError for workers that differ, or if another one is gone
 */
export async function followRun(
  folder: string,
  config: MoonConfig,
  given: Catalogue,
  {
    dataPath = given.root,
    fold,
    resume,
    exchange,
  }: Pick<TrainRunOptions, 'dataPath' | 'fold' | 'resume'> & { exchange: Exchange },
): Promise<void> {
  await meetWorkers(exchange, provenanceOf(describeRun(config, given, dataPath, fold)));
  await waitForAll(exchange);
  const { catalogue } = await enrichCatalogue(config, given, {});
  const { encoder, pixels } = await prepare(config, catalogue, undefined, { run: folder });
  const state = resume && savedSteps(folder).length ? readState(findCheckpoint(folder, 'last')) : undefined;
  try {
    await train(encoder, catalogue, pixels, { resume: state, exchange });
  } finally {
    encoder.parameters.dispose();
    if (state) tf.dispose(state.tensors);
  }
}
