import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grocery } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { saveEncoder } from '../../src/encoder/model-folder.js';
import { prepare } from '../../src/encoder/prepare.js';
import { writeTexts } from '../../src/encoder/writing/write-texts.js';
import { startEngine } from '../../src/engine/engine.js';
import { randomStream } from '../../src/engine/random.js';
import type { Sequence } from '../../src/moon/sequence.js';
import { interleave, startRival } from './rival.js';
import type { Bench, BenchRow } from './table.js';

/** Tokens of a prompt and of a text. */
const PROMPT = 16;
const WRITTEN = 32;

/** Sampled texts of the network `tiny`, many at once, beside `generate` of transformers on PyTorch with the same weights. */
export const rows: Bench = async ({ python }) => {
  await startEngine();
  const shop = generateShop({ products: 60, imageSize: 64, trainQueries: 40, evaluationQueries: 4 });
  const config = {
    ...grocery,
    network: { ...grocery.network, size: 'tiny' as const },
    experts: { kind: 'none' as const },
    captioning: { kind: 'captions' as const, fraction: 0.5 },
  };
  const { encoder, pixels } = await prepare(config, shop);
  const folder = await mkdtemp(join(tmpdir(), 'moon-bench-'));
  const rival = python ? await startRival(python, new URL('./generate.py', import.meta.url)) : undefined;
  if (rival) console.error(`rival: ${rival.about}`);
  const stream = randomStream(1, 'bench');
  const ids = Array.from({ length: PROMPT }, () => 300 + stream.integer(200));
  const table: BenchRow[] = [];
  try {
    saveEncoder(folder, encoder);
    for (const batch of [1, 16, 64]) {
      const prompts = Array.from(
        { length: batch },
        (_, at): Sequence => ({ id: `${at}`, segments: [{ aspect: 'prompt', ids }] }),
      );
      const ours = async () => {
        const started = performance.now();
        await writeTexts(encoder, prompts, pixels, { most: WRITTEN, temperature: 1, stream });
        return performance.now() - started;
      };
      const request = JSON.stringify({ folder, ids, batch, written: WRITTEN });
      const asked = rival && { ...rival, measure: () => rival.measure(request) };
      table.push(await interleave(`${batch} x ${WRITTEN} tokens`, ours, asked, { unit: 'ms (less is better)' }));
    }
  } finally {
    rival?.stop();
    encoder.parameters.dispose();
    await rm(folder, { recursive: true, force: true });
  }
  return table;
};
