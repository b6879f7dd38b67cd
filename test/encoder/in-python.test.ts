import { execFileSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withSettings } from '../../src/config/check-config.js';
import type { MoonConfig } from '../../src/config/config.js';
import { fullImage } from '../../src/data/region.js';
import type { Query } from '../../src/data/types.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { embedSequences } from '../../src/encoder/embed.js';
import { sequenceOptions } from '../../src/encoder/encoder.js';
import { saveEncoder } from '../../src/encoder/model-folder.js';
import { prepare } from '../../src/encoder/prepare.js';
import * as tf from '../../src/engine/tf.js';
import { productSequence, querySequence, type Segment } from '../../src/moon/sequence.js';
import { NO_AUGMENTATION } from '../../src/pictures/augment.js';
import { cutCrop } from '../../src/pictures/crop.js';
import { openFrozenEncoder } from '../../src/pictures/frozen/frozen-encoder.js';
import type { Pixels } from '../../src/pictures/picture-store.js';
import type { SequenceImage } from '../../src/pictures/shown-picture.js';
import { augmentPictures, cutPictures, type StoredPictures } from '../../src/pictures/stored-pictures.js';
import { peftPython } from '../needs.js';
import { writeEfficientNet } from '../pictures/efficientnet-file.js';
import { shopOptions, shortConfig } from '../train/run/short-run.js';

const root = mkdtempSync(join(tmpdir(), 'moon-python-'));
const shop = generateShop(shopOptions);
const frozenVision = { kind: 'onnx', model: root, width: 7, pool: 2 };
const frozenText = { kind: 'frozen', model: 'test/fixtures/bert-tiny', width: 12 };
const changed = (changes: object): MoonConfig =>
  withSettings(shortConfig, { captioning: { kind: 'none' }, engine: { compile: false }, ...changes });

/** What the recipes of the shipped photos are made of. */
const configs: Record<string, MoonConfig> = {
  'a convolutional stem, tokens that see all others, mirrored pictures and white balance': changed({
    network: { stem: { kind: 'conv', channels: [8, 12, 16] }, depth: 2, branchInitRange: 0.02 },
    experts: { kind: 'guided', count: 3, topK: 1, blocks: [1] },
  }),
  'frozen pictures and texts, joined with what was learned': changed({
    network: { depth: 2, branchInitRange: 0.02 },
    vision: { ...frozenVision, connector: 'mlp' },
    text: frozenText,
    embedding: { kind: 'joined', frozen: 0.6 },
  }),
  'frozen pictures before a published language model': changed({
    network: { from: 'test/fixtures/llama-folder' },
    vision: frozenVision,
    attention: 'causal',
    experts: { kind: 'modality', count: 3, topK: 2, blocks: [0] },
  }),
  'a new tower before a published language model': changed({
    network: { from: 'test/fixtures/llama-folder' },
    vision: { kind: 'own', size: 'nano', depth: 1, stem: { kind: 'conv', channels: [8, 8, 16] } },
    attention: 'causal',
  }),
  'frozen texts beside a tower': changed({
    text: frozenText,
    experts: { kind: 'none' },
    pooling: { kind: 'last' },
    embedding: { kind: 'joined', frozen: 0.5 },
  }),
};

/** The pixels that the network, or its frozen encoder, gets of a picture: [side][side][3], from 0 to 1. */
async function pixelsOf(shown: SequenceImage, config: MoonConfig, pixels: Pixels): Promise<number[][][]> {
  if (config.vision.kind !== 'onnx')
    return tf.tidy(() => {
      const cut = cutPictures(pixels.inputOf([shown]) as StoredPictures, config.imageSize);
      return (tf.squeeze(cut, [0]) as tf.Tensor3D).arraySync();
    });
  const { side, dispose } = await openFrozenEncoder(root);
  dispose();
  const { raster } = await cutCrop(shown.image.source, shown.crop ?? fullImage, side);
  const values = augmentPictures([raster], [NO_AUGMENTATION], side);
  return tf.tidy(() => tf.tensor3d(values, [side, side, 3]).arraySync());
}

/** Embeddings of a product and of queries by photo and by words, and what Python needs to compute them too. */
async function embedded(config: MoonConfig, folder: string) {
  const { encoder, pixels } = await prepare(config, shop);
  saveEncoder(folder, encoder);
  const read = sequenceOptions(encoder, pixels);
  const image = shop.pairs.find(({ query }) => query.image)!.query.image!;
  const queries: Query[] = [
    { id: 'photo', image },
    { id: 'words', text: `red [mask] ${'mugs '.repeat(40)}` },
  ];
  const sequences = [productSequence(shop.products[0], read), ...queries.map((query) => querySequence(query, read))];
  const { vectors, width } = await embedSequences(encoder, sequences, pixels);
  const described = [];
  for (const { segments } of sequences)
    described.push({
      ids: segments.flatMap(({ ids }: Segment) => ids),
      aspects: segments.flatMap(({ aspect, ids }) => ids.map(() => aspect)),
      texts: segments.flatMap((segment) => segment.read?.text ?? []),
      images: await Promise.all(segments.flatMap((each) => (each.image ? [pixelsOf(each.image, config, pixels)] : []))),
    });
  encoder.parameters.dispose();
  const rows = sequences.map((_, row) => [...vectors.subarray(row * width, (row + 1) * width)]);
  const [{ title, category, attributes }, { images }] = [shop.products[0], described[0]];
  return { rows, request: { model: folder, sequences: described, fields: { title, category, attributes, images } } };
}

test('a model folder embeds in Python as here, whatever its network reads with, or says what it cannot run', {
  tags: ['peft'],
  timeout: 120_000,
}, async () => {
  writeEfficientNet(root, { from: 0.5, to: 0.9 });
  const ours: Awaited<ReturnType<typeof embedded>>[] = [];
  for (const [at, config] of Object.values(configs).entries())
    ours.push(await embedded(config, join(root, String(at))));
  const own = await embedded(
    changed({ network: { from: 'test/fixtures/qwen-folder' }, vision: { kind: 'own', size: 'nano', depth: 1 } }),
    join(root, 'own'),
  );
  const fused = await embedded(changed({ fusion: { kind: 'sum' } }), join(root, 'fused'));
  const file = join(root, 'requests.json');
  writeFileSync(file, JSON.stringify([...ours, fused, own].map(({ request }) => request)));
  const answers: { merged: number[][]; sequence: unknown[][]; refused?: string }[] = JSON.parse(
    execFileSync(peftPython, [join('test', 'train', 'check-tuned.py'), file], { encoding: 'utf8' }),
  );
  Object.keys(configs).forEach((name, at) => {
    const { rows, request } = ours[at];
    const [{ ids, aspects, texts }] = request.sequences;
    expect(answers[at].sequence.slice(0, 2), name).toEqual([ids, aspects]);
    if (texts.length) expect(answers[at].sequence[2]).toEqual(texts);
    answers[at].merged.forEach((row, which) => {
      expect(row.length, name).toBe(rows[which].length);
      const furthest = Math.max(...row.map((value, place) => Math.abs(value - rows[which][place])));
      expect(furthest, `${name}, ${which}`).toBeLessThan(1e-4);
    });
  });
  expect(answers.at(-2)?.refused).toMatch(/^This model fuses the vector of the pictures .* embed with moon-lab\.$/);
  expect(answers.at(-1)?.refused).toBe(
    "This model has a new tower in place of that of a qwen2_5_vl (vision.kind 'own'), which this file does not run; embed with moon-lab.",
  );
});
