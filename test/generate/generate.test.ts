import { afterAll, describe, expect, it } from 'vitest';
import { logits, runLanguage } from '../../src/backbones/layers/decoder.js';
import { normaliseImage, processImage } from '../../src/backbones/qwen25vl/image-patches.js';
import { loadImageProcessor } from '../../src/backbones/qwen25vl/image-processor.js';
import { countLeaks } from '../../src/engine/memory.js';
import { randomStream } from '../../src/engine/random.js';
import * as tf from '../../src/engine/tf.js';
import { embedPrompt } from '../../src/generate/embed-prompt.js';
import { generate, streamText, streamTokens } from '../../src/generate/generate.js';
import { chatPrompt, type Prompt } from '../../src/generate/prompt.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';
import { folder, loadFolder } from '../backbones/folder.js';

const network = loadFolder();
afterAll(() => tf.dispose(network.weights));
const tokenizer = loadTokenizer(folder);
const processor = loadImageProcessor(folder);
const raster = {
  width: 40,
  height: 33,
  data: Uint8Array.from({ length: 40 * 33 * 3 }, (_, i) => (i * 37 + (i >> 5)) % 256),
};
const prompt = chatPrompt(tokenizer, [processImage(raster, processor), 'Blue Shirt'], processor);

/** Runs everything again for each token, without a cache. */
function slowGreedy(start: Prompt, count: number): number[] {
  const ids = [...start.ids];
  while (ids.length < start.ids.length + count) {
    const scores = tf.tidy(() => {
      const { embeddings, positions } = embedPrompt(network, { ...start, ids });
      const { last } = runLanguage(network.config.text, network.weights, {
        embeddings,
        positions,
        attention: 'causal',
      });
      return [
        ...logits(network.weights, tf.squeeze(last, [0]))
          .dataSync()
          .slice(-network.config.text.vocabSize),
      ];
    });
    ids.push(scores.indexOf(Math.max(...scores)));
  }
  return ids.slice(start.ids.length);
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const out: T[] = [];
  for await (const item of items) out.push(item);
  return out;
}

describe('streamTokens', () => {
  it('writes what running everything again for each token would', async () => {
    const got = await collect(streamTokens(network, prompt, { maxTokens: 12, stop: [] }));
    expect(got).toEqual(slowGreedy(prompt, 12));
    expect(new Set(got).size).toBeGreaterThan(1);
  });

  it('writes the same compiled and not, also where the graph of a longer cache takes over', async () => {
    const options = { maxTokens: 150 - prompt.ids.length, stop: [] };
    const compiled = await collect(streamTokens(network, prompt, options));
    expect(prompt.ids.length).toBeLessThan(100);
    expect(compiled).toEqual(await collect(streamTokens(network, prompt, { ...options, compile: false })));
  });

  it('draws the same tokens from the same stream, others from another, and leaves no tensors', async () => {
    const sampling = { kind: 'sample', temperature: 1.5, topK: 50, topP: 0.95 } as const;
    const draw = (seed: number) =>
      collect(streamTokens(network, prompt, { maxTokens: 8, stop: [], sampling, stream: randomStream(seed, 'draw') }));
    const { result, leaked } = await countLeaks(() => draw(1));
    expect(leaked).toBe(0);
    expect(await draw(1)).toEqual(result);
    expect(await draw(2)).not.toEqual(result);
  });

  it('ends with a stop token', async () => {
    const all = await collect(streamTokens(network, prompt, { maxTokens: 12, stop: [] }));
    const stop = all.find((id) => id !== all[0])!;
    const got = await collect(streamTokens(network, prompt, { maxTokens: 12, stop: [stop] }));
    expect(got).toEqual(all.slice(0, all.indexOf(stop) + 1));
  });

  it('stops at a signal, and frees the cache there and where the reader leaves', async () => {
    const { leaked } = await countLeaks(async () => {
      const controller = new AbortController();
      const seen: number[] = [];
      const reading = (async () => {
        for await (const id of streamTokens(network, prompt, { stop: [], signal: controller.signal })) {
          if (seen.push(id) === 3) controller.abort();
        }
      })();
      await expect(reading).rejects.toThrow(/abort/i);
      expect(seen.length).toBe(3);
      for await (const _ of streamTokens(network, prompt, { stop: [] })) break;
      const stopped = AbortSignal.abort(new Error('not even begun'));
      await expect(collect(streamTokens(network, prompt, { signal: stopped }))).rejects.toThrow('not even begun');
    });
    expect(leaked).toBe(0);
  });

  it('takes normalised pixels in the place of patches', async () => {
    const pixels = { ...prompt, images: [normaliseImage(raster, processor)] };
    const options = { maxTokens: 6, stop: [] };
    expect(await collect(streamTokens(network, pixels, options))).toEqual(
      await collect(streamTokens(network, prompt, options)),
    );
  });

  it('refuses a prompt that does not fit, and wrong options', async () => {
    const refused = (change: Partial<Prompt>, options = {}) =>
      expect(collect(streamTokens(network, { ...prompt, ...change }, options))).rejects;
    const { leaked } = await countLeaks(async () => {
      await refused({ ids: [] }).toThrow('prompt: has no tokens');
      await refused({ ids: [9999] }).toThrow("prompt: token id 9999 is outside of the embedding's 304 rows");
      await refused({ images: [] }).toThrow(/image tokens/);
      await refused({}, { maxTokens: 0 }).toThrow('maxTokens: got 0, expected an integer of at least 1.');
      await refused({}, { sampling: { kind: 'sample', topP: 2 } }).toThrow(/sampling\.topP: got 2/);
    });
    expect(leaked).toBe(0);
  });
});

describe('generate and streamText', () => {
  it('give the same text, whole at the end or piece by piece', async () => {
    const options = { maxTokens: 20, sampling: { kind: 'sample' }, stop: [] } as const;
    const run = () => ({ ...options, stream: randomStream(3, 'text') });
    const heard: string[] = [];
    const answer = await generate(network, tokenizer, prompt, { ...run(), onText: (piece) => heard.push(piece) });
    expect(heard.join('')).toBe(answer.text);
    expect(await collect(streamText(network, tokenizer, prompt, run()))).toEqual(heard);
    expect(answer.text).toBe(tokenizer.decode(answer.ids));
    expect([answer.ids.length, answer.ended]).toEqual([20, 'length']);
    expect(heard.length).toBeGreaterThan(1);
  });

  it('leave the stop token out of the text', async () => {
    const [first] = await collect(streamTokens(network, prompt, { maxTokens: 1, stop: [] }));
    const answer = await generate(network, tokenizer, prompt, { stop: [first] });
    expect(answer).toEqual({ text: '', ids: [first], ended: 'stop' });
  });

  it('show a character of several tokens only when it is whole', async () => {
    // whatever the network writes, this tokenizer reads the bytes of a given text in it
    const bytes = tokenizer.encode('裤');
    expect(bytes.length).toBe(3);
    const pieces: string[] = [];
    const ids = [...bytes, ...tokenizer.encode('a'), ...bytes.slice(0, 1)];
    const spelling = { ...tokenizer, decode: (some: readonly number[]) => tokenizer.decode(ids.slice(0, some.length)) };
    const options = { maxTokens: ids.length, stop: [] };
    for await (const piece of streamText(network, spelling, prompt, options)) pieces.push(piece);
    expect(pieces).toEqual(['裤', 'a', '\uFFFD']);
  });
});
