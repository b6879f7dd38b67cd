import type { Say, SeedRow } from '../ablate/run/seed-study.js';
import type { Answer } from '../ablate/run/trial.js';
import * as tf from '../engine/tf.js';
import { bm25 } from '../search/bm25.js';
import type { Embeddings } from '../search/embeddings.js';
import { nearestBox } from './find-labels.js';
import { regionVectors, textVectors } from './instance-vectors.js';
import { answers } from './label-answers.js';
import type { InstanceNetwork } from './network.js';
import { type InstanceOption, instanceOption } from './option.js';
import { type InstanceData, LEARNED } from './study-data.js';
import { trainInstances } from './train-instances.js';

/** The trained rows, the base first: which losses have a weight. All read the boxes of the learned proposer. */
export const trainedRows: Readonly<Record<string, InstanceOption>> = {
  contrast: {},
  '+ words': { words: 1 },
  '+ regions': { regions: 1 },
  '+ words and regions': { words: 1, regions: 1 },
  'words and regions alone': { contrast: 0, words: 1, regions: 1 },
};

/** The tasks: what of a picture asks, and what of the gallery answers. */
export const instanceTasks = {
  photo: 'a photo of several products -> pictures and titles of each',
  'photo.pictures': 'a photo of several products -> pictures of each',
  caption: 'the caption of the photo -> pictures and titles of each',
  both: 'photo and caption -> pictures and titles of each',
} as const;
export type InstanceTask = keyof typeof instanceTasks;

export interface RowOptions {
  training: InstanceOption;
  seed: number;
  onProgress: Say;
  signal: AbortSignal;
}

/** Train the rows of a seed, and look for the products of every picture; the boxes of all proposers are read by the first row's network. */
export async function instanceRows(data: InstanceData, options: RowOptions): Promise<SeedRow[]> {
  const { training, seed, onProgress, signal } = options;
  const rows: SeedRow[] = [];
  for (const [name, change] of Object.entries(trainedRows)) {
    const option = { ...training, ...change };
    const { steps } = instanceOption(option);
    const network = await trainInstances(data.examples, option, {
      seed,
      signal,
      onStep: (step) => onProgress(name, step, steps),
    });
    try {
      const parameters = Object.values(network.weights).reduce((sum, { size }) => sum + size, 0);
      const vectors = await vectorsOf(network, data, signal);
      const row = (by: string) => rowOf(data, vectors, by, parameters);
      rows.push({ name, ...row(LEARNED) });
      if (rows.length === 1)
        for (const by of Object.keys(data.proposals))
          if (by !== LEARNED) rows.push({ name: `contrast, boxes ${by}`, ...row(by) });
    } finally {
      tf.dispose(network.weights);
    }
  }
  return [...rows, ...untrainedRows(data)];
}

/** Unit vectors of a network: of the gallery, and of every asked picture's caption and boxes. */
interface Vectors {
  /** Of pictures and titles, their sum, and of pictures alone. */
  items: Embeddings;
  pictures: Embeddings;
  captions: Embeddings;
  boxes(by: string, asked: number): Float32Array[];
}

async function vectorsOf(
  network: InstanceNetwork,
  { asked, gallery }: InstanceData,
  signal: AbortSignal,
): Promise<Vectors> {
  const titles = await textVectors(
    network,
    gallery.map(({ id, title }) => ({ id, text: title })),
    signal,
  );
  const captions = await textVectors(
    network,
    asked.map(({ id, caption }) => ({ id, text: caption })),
    signal,
  );
  const pictures = await regionVectors(network, gallery, signal);
  const all = asked.flatMap(({ id, regions }) =>
    Object.entries(regions).flatMap(([by, own]) => own.map((features, at) => ({ id: `${id} ${by} ${at}`, features }))),
  );
  const { vectors, width, ids } = await regionVectors(network, all, signal);
  const place = new Map(ids.map((id, at) => [id, at]));
  return {
    items: { ...pictures, vectors: unitSums(pictures, titles) },
    pictures,
    captions,
    boxes(by, at) {
      const { id, regions } = asked[at];
      return regions[by].map((_, box) => {
        const start = place.get(`${id} ${by} ${box}`)! * width;
        return vectors.subarray(start, start + width);
      });
    },
  };
}

/** The sums of two vectors of length 1 each, scaled to length 1. */
function unitSums({ vectors, width }: Embeddings, other: Embeddings): Float32Array {
  const sums = vectors.map((value, at) => value + other.vectors[at]);
  for (let start = 0; start < sums.length; start += width) {
    const row = sums.subarray(start, start + width);
    row.set(unitRow(row));
  }
  return sums;
}

function rowOf(
  data: InstanceData,
  { items, pictures, captions, boxes }: Vectors,
  by: string,
  parameters: number,
): Omit<SeedRow, 'name'> {
  const caption = (at: number) => [captions.vectors.subarray(at * captions.width, (at + 1) * captions.width)];
  const photo = (at: number) => nearestBox(items, boxes(by, at));
  const named = (at: number) => nearestBox(items, caption(at));
  const tasks: Partial<Record<InstanceTask, Answer[]>> = {
    photo: answers(data, 'photo', photo),
    'photo.pictures': answers(data, 'photo.pictures', (at) => nearestBox(pictures, boxes(by, at))),
    // The caption does not depend on the boxes.
    ...(by === LEARNED && { caption: answers(data, 'caption', named) }),
    both: answers(data, 'both', (at) => {
      const [seen, read] = [photo(at), named(at)];
      return seen.map((score, item) => score + read[item]);
    }),
  };
  const { boxes: count, overlap, recall } = data.proposals[by];
  return {
    tasks: tasks as SeedRow['tasks'],
    parameters,
    measures: { 'boxes a photo': count, 'overlap of boxes': overlap, 'products with a box': recall },
  };
}

/** Features without training, which compare pictures alone, and words without it. */
function untrainedRows(data: InstanceData): SeedRow[] {
  const { asked, gallery } = data;
  const width = gallery[0].features.length;
  const pictures: Embeddings = {
    ids: gallery.map(({ id }) => id),
    vectors: Float32Array.from(gallery.flatMap(({ features }) => [...unitRow(features)])),
    width,
  };
  const photo = (at: number) => nearestBox(pictures, asked[at].regions[LEARNED].map(unitRow));
  const words = bm25(gallery.map(({ title }) => title));
  return [
    {
      name: 'features, untrained',
      tasks: {
        photo: answers(data, 'photo', photo),
        'photo.pictures': answers(data, 'photo.pictures', photo),
      },
      parameters: 0,
    },
    {
      name: 'BM25 of the caption',
      tasks: { caption: answers(data, 'caption', (at) => words(asked[at].caption)) },
      parameters: 0,
    },
  ];
}

function unitRow(values: Float32Array): Float32Array {
  const length = Math.hypot(...values) || 1;
  return values.map((value) => value / length);
}
