import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadNetwork } from '../../src/backbones/families.js';
import { publishedImageProcessor } from '../../src/backbones/qwen25vl/image-processor.js';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import type { Encoder } from '../../src/encoder/encoder.js';
import { pruneEncoder } from '../../src/encoder/prune/prune-encoder.js';
import { startEngine } from '../../src/engine/engine.js';
import { flatten } from '../../src/engine/flat-weights.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import type { Sequence } from '../../src/moon/sequence.js';
import type { Pixels } from '../../src/pictures/picture-store.js';
import { mergeFolders } from '../../src/weights/merge/merge-folders.js';
import { readRecipe } from '../../src/weights/merge/recipe/recipe.js';
import { smollm2, writeNetwork } from './random-network.js';
import { interleave, type Side, startRival } from './rival.js';
import type { Bench, BenchRow } from './table.js';

const models = (parameters: string) => `dtype: bfloat16
models:
  - { model: first, parameters: { weight: 0.6${parameters} } }
  - { model: second, parameters: { weight: 0.4${parameters} } }
`;
const recipes = {
  linear: `merge_method: linear\n${models('')}`,
  ties: `merge_method: ties\nbase_model: base\n${models(', density: 0.5')}`,
};

/**
 * Networks of SmolLM2-135M's sizes, in seconds: two in bfloat16 merged from folder to folder, beside mergekit in a warm process; and six blocks pruned by Wanda with 64 sequences
 * of 64 tokens, beside a loop in PyTorch that does the same. It writes 1.6 GB of temporary files. `--python`: a Python with mergekit, torch and transformers. `weights:linear`,
 * `weights:ties` and `weights:wanda` run one row.
 */
export const rows: Bench = async ({ python, part }) => {
  await startEngine();
  const folder = mkdtempSync(join(tmpdir(), 'bench-weights-'));
  try {
    for (const name of ['base', 'first', 'second']) writeNetwork(join(folder, name), smollm2(30), name);
    writeNetwork(join(folder, 'blocks'), smollm2(6), 'blocks');
    for (const [name, text] of Object.entries(recipes)) writeFileSync(join(folder, `${name}.yml`), text);
    process.env.FOLDER = folder;
    const rival = python ? await startRival(python, new URL('./weights.py', import.meta.url)) : undefined;
    if (rival) console.error(`rival: ${rival.about}`);
    const sides: Record<string, Side> = {
      linear: () => mergeSeconds(folder, 'linear'),
      ties: () => mergeSeconds(folder, 'ties'),
      wanda: wandaSide(join(folder, 'blocks')),
    };
    const table: BenchRow[] = [];
    for (const [name, ours] of Object.entries(sides))
      if (part === undefined || part === name)
        table.push(await interleave(name, ours, rival, { blocks: 3, unit: 's (less is better)' }));
    rival?.stop();
    return table;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

function mergeSeconds(folder: string, recipe: string): number {
  const out = join(folder, 'ours');
  const started = performance.now();
  mergeFolders(readRecipe(join(folder, `${recipe}.yml`)), out, (network) => join(folder, network));
  const seconds = (performance.now() - started) / 1000;
  rmSync(out, { recursive: true });
  return seconds;
}

function wandaSide(folder: string): Side {
  const { config: network, weights } = loadNetwork(folder);
  const encoder: Encoder = {
    config: grocery,
    model: {
      network,
      vision: { kind: 'none' },
      normalisation: publishedImageProcessor,
      imageSize: 56,
      attention: 'causal',
      experts: { kind: 'none' },
      pooling: { kind: 'mean' },
    },
    tokenizer: undefined as never,
    ...flatten(weights),
  };
  const draw = randomStream(1, 'tokens');
  const sequences = Array.from({ length: 64 }, (_, at): Sequence => {
    const ids = Array.from({ length: 64 }, () => draw.integer(network.text.vocabSize));
    return { id: String(at), segments: [{ aspect: 'title', ids }] };
  });
  const pixels = { inputOf: () => tf.zeros([0, 56, 56, 3]) } as unknown as Pixels;
  return async () => {
    const started = performance.now();
    const pruned = await pruneEncoder(encoder, { queries: [], items: sequences }, pixels, { sparsity: 0.5 });
    const seconds = (performance.now() - started) / 1000;
    pruned.encoder.parameters.dispose();
    return seconds;
  };
}
