import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { withoutExperts } from '../../src/ablate/changes/removals.js';
import { withSteps } from '../../src/config/with-steps.js';
import type { Raster } from '../../src/data/types.js';
import { paper } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { preparePixels } from '../../src/encoder/prepare.js';
import { startNetwork } from '../../src/encoder/start-network.js';
import { startEngine } from '../../src/engine/engine.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import type { ExpertsOption } from '../../src/moon/experts/option.js';
import type { MoonModel } from '../../src/moon/model.js';
import { captions } from '../../src/objectives/captions/captions.js';
import { denoising } from '../../src/objectives/denoising/denoising.js';
import type { ObjectiveKind } from '../../src/objectives/objective.js';
import { decodeImage } from '../../src/pictures/image.js';
import { saliencyDetector, saliencyRegion } from '../../src/regions/saliency.js';
import { trainRelations } from '../../src/relations/train-relations.js';
import { trainSteps } from '../../src/train/loop.js';
import { moonOf, moonSize, productBatch } from '../moon/shop-batch.js';
import { interleave, type Rival } from './rival.js';
import type { Bench, BenchRow } from './table.js';
import { moonWork, trainingStep } from './training-step.js';

const blocks = [1, 3];
const plain: ExpertsOption = { kind: 'plain', count: 6, topK: 1, blocks };
const guided: ExpertsOption = { ...plain, kind: 'guided' };
const twice: ExpertsOption = { ...guided, topK: 2 };
const modality: ExpertsOption = { kind: 'modality', count: 4, topK: 2, blocks };

/**
 * A training step with experts in every second block beside the same network without (`rival` is the dense step, so `ratio` is what
 * experts cost), the memory of a large update, saliency, a denoising step beside a captioning step, and an epoch of a model of relations. `moon:steps`,
 * `moon:memory`, `moon:saliency`, `moon:denoising`, `moon:relations` run one part.
 */
export const rows: Bench = async ({ part }) => {
  await startEngine();
  const table: BenchRow[] = [];
  for (const [name, rowsOf] of Object.entries(parts))
    if (part === undefined || part === name) table.push(...(await rowsOf()));
  return table;
};

const parts: Record<string, () => Promise<BenchRow[]>> = {
  steps: async () => [...(await stepRows(true)), ...(await stepRows(false))],
  memory: memoryRows,
  saliency: saliencyRows,
  denoising: denoisingRows,
  relations: relationRows,
};

/** A step of each of the two writing stages on the same batches of a shop. */
async function denoisingRows(): Promise<BenchRow[]> {
  const shop = generateShop({ products: 200, imageSize: 64, views: 1, trainQueries: 400, evaluationQueries: 1 });
  const config = withSteps({ ...paper, captioning: { kind: 'denoising', fraction: 1 } }, 1000);
  const pixels = await preparePixels(config, shop);
  const steps = (objective: ObjectiveKind) => {
    const records = trainSteps(startNetwork(config, shop), shop, pixels, { stages: [{ objective, steps: 1000 }] });
    return async () => {
      const { value } = await records.next();
      return 1000 * value!.seconds;
    };
  };
  const [ours, rival] = [steps(denoising), steps(captions)];
  // Each shape is compiled at its first batch.
  for (let step = 0; step < 6; step++) for (const run of [ours, rival]) await run();
  const beside: Rival = { about: 'captions', measure: rival, stop: () => {} };
  return [await interleave('denoising step; rival captions step', ours, beside, { unit: 'ms (less is better)' })];
}

/** 100,000 items of 64 numbers and a million edges. */
async function relationRows(): Promise<BenchRow[]> {
  const [items, edges, width, batch] = [100_000, 1_000_000, 64, 1024];
  const stream = randomStream(1, 'edges');
  const vectors = Float32Array.from({ length: items * width }, () => stream.uniform() - 0.5);
  const content = { ids: Array.from({ length: items }, (_, at) => `${at}`), vectors, width };
  const ends = () => Int32Array.from({ length: edges / 2 }, () => stream.integer(items));
  const graph = { substitute: { from: ends(), to: ends() }, complement: { from: ends(), to: ends() } };
  const epoch = async () => {
    const started = performance.now();
    const { weights } = await trainRelations(content, graph, { steps: Math.ceil(edges / batch), batch });
    tf.dispose(weights);
    return (performance.now() - started) / 1000;
  };
  const unit = 's (less is better)';
  return [
    await interleave('relations: an epoch of 1,000,000 edges, 100,000 items', epoch, undefined, { unit, blocks: 1 }),
  ];
}

async function stepRows(compiled: boolean): Promise<BenchRow[]> {
  const dense = stepWith({ kind: 'none' }, compiled);
  const beside: Rival = { about: 'dense', measure: async () => dense.run(), stop: dense.dispose };
  const table: BenchRow[] = [];
  for (const [name, experts] of Object.entries({
    'guided, top-1': guided,
    'plain, top-1': plain,
    'guided, top-2': twice,
  })) {
    const step = stepWith(experts, compiled);
    const label = `${compiled ? 'compiled step' : 'step'}, 6 experts: ${name}; rival dense`;
    const unit = { unit: 'ms (less is better)' };
    table.push(await interleave(label, step.run, beside, unit));
    // The profile of the first: where its time goes beyond the dense step's; the rest is the backward pass.
    if (compiled && experts === guided)
      for (const [part, of] of Object.entries({ 'forward alone': 'embed', 'AdamW alone': 'optimise' } as const))
        table.push(await interleave(`  ${part}`, step[of], { ...beside, measure: async () => dense[of]() }, unit));
    step.dispose();
  }
  beside.stop();
  return [...table, ...(await modalityRows(compiled))];
}

/** Modality experts beside a dense network of equal width: as many feed-forward parameters meet a token. */
async function modalityRows(compiled: boolean): Promise<BenchRow[]> {
  const base = { ...paper, experts: modality };
  const dense = stepOf(moonOf(withoutExperts(base)), compiled);
  const step = stepOf(moonOf(base), compiled);
  const beside: Rival = { about: 'dense', measure: async () => dense.run(), stop: dense.dispose };
  const label = `${compiled ? 'compiled step' : 'step'}, 4 experts: modality, top-2; rival dense of equal active width`;
  const row = await interleave(label, step.run, beside, { unit: 'ms (less is better)' });
  step.dispose();
  beside.stop();
  return [row];
}

const stepWith = (experts: ExpertsOption, compiled: boolean) => stepOf(moonSize(experts), compiled);

/** One batch of the size tiny; milliseconds a run. */
function stepOf(model: MoonModel, compiled: boolean) {
  const work = moonWork(model, productBatch(model, 32));
  const step = trainingStep(work, compiled);
  return {
    ...step,
    dispose() {
      step.dispose();
      tf.dispose(work.inputs);
    },
  };
}

/** In a process of its own, since a process's peak never goes down. */
async function memoryRows(): Promise<BenchRow[]> {
  const bin = new URL('../../src/setup/bin.js', import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [bin, 'bench', 'moon-memory', '--json']);
  return (JSON.parse(stdout.slice(stdout.indexOf('{'))) as { rows: BenchRow[] }).rows;
}

/** Images a second on one core from decoded pixels, and on all cores from files. */
async function saliencyRows(): Promise<BenchRow[]> {
  const shop = generateShop({ products: 100, imageSize: 128, views: 1, trainQueries: 0, evaluationQueries: 1 });
  const images = shop.products.map(({ images: [image] }) => image);
  const rasters: Raster[] = [];
  for (const { source } of images) rasters.push(await decodeImage(source, { width: 128, height: 128, fit: 'stretch' }));
  const perSecond = async (work: () => unknown) => {
    const started = performance.now();
    await work();
    return (1000 * images.length) / (performance.now() - started);
  };
  const { detect } = saliencyDetector({ kind: 'saliency' });
  const unit = 'images/s (more is better)';
  return [
    await interleave('saliency of 128 px, one core', () => perSecond(() => rasters.map(saliencyRegion)), undefined, {
      unit,
    }),
    await interleave(
      'saliency detector, drawn images of 128 px',
      () => perSecond(() => Promise.all(images.map((image) => detect(image)))),
      undefined,
      { unit },
    ),
  ];
}
