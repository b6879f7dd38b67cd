import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { loadPublishedConfig, loadPublishedWeights } from '../backbones/families.js';
import { UserError } from '../checks/error.js';
import { longCall } from '../engine/long-call.js';
import * as tf from '../engine/tf.js';
import type { Check } from './comparison.js';
import { openExpected } from './expected-file.js';
import { checkProcessor, checkTokenizer } from './inputs.js';
import { checkGenerated, checkGradients, checkOutputs, readPrompt } from './network.js';

export interface Verification {
  ok: boolean;
  checks: Check[];
}

/**
 * Load a Hugging Face folder of any known family (`families.ts`) and compare its outputs with those of Python's transformers.
 *
 * `expected.safetensors` holds `pixel_values` [patches, width] and `image_grid_thw` [images, 3] of the images `image_0` ... [height, width,
 * 3], or for Idefics3 `{prompt}.pixel_values` [tiles, 3, side, side] and `{prompt}.pixel_attention_mask`; for each prompt
 * `{prompt}.input_ids`, `.position_ids` [3, length], `.image_features`, `.deepstack_0` ..., `.hidden_0` ..., `.logits`, `.attention_last`
 * [heads, length, length] and `.generated` (greedy decoding, new tokens only); `grad.pooled`, the mean of the last hidden state of the
 * prompt with the most images, `grad.loss` = the sum of `grad.pooled` x `grad.weights`, and its gradients as `grad.{parameter's name in
 * Python}`. Each of them is optional. `expected.json` beside it holds `prompts` (texts by name), `images_of` (image indices of each prompt)
 * and `tokenizer` (texts and their ids).
 * @throws UserError for a folder that cannot be loaded, or an unknown output in the file
 */
export async function verifyFolder(dir: string, file = join(dir, 'expected.safetensors')): Promise<Verification> {
  const expected = openExpected(file);
  const config = loadPublishedConfig(dir);
  const checks = [...checkTokenizer(dir, config, expected), ...checkProcessor(dir, config, expected)];
  const network = { config, weights: loadPublishedWeights(dir, config) };
  try {
    const names = Object.keys(expected.imagesOf);
    await longCall(undefined, async ({ signal, show }) => {
      for (const [at, name] of names.entries()) {
        signal.throwIfAborted();
        const prompt = readPrompt(name, expected);
        checks.push(...checkOutputs(network, name, prompt, expected));
        checks.push(...(await checkGenerated(network, name, prompt, expected)));
        show({ label: 'verify', done: at + 1, total: names.length });
        await setImmediate();
      }
    });
    checks.push(...checkGradients(network, expected));
  } finally {
    tf.dispose(network.weights);
  }
  const [unknown] = expected.unread();
  if (unknown) throw new UserError(`${file}: ${unknown} is an output that verify does not know. Remove it.`);
  return { ok: checks.every((check) => check.ok), checks };
}
