import type { Network } from '../backbones/families.js';
import { familyOf } from '../backbones/families.js';
import { logits, runLanguage } from '../backbones/layers/decoder.js';
import type { PromptImage } from '../backbones/prompt-image.js';
import { UserError } from '../checks/error.js';
import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import { embedPrompt } from '../generate/embed-prompt.js';
import { streamTokens } from '../generate/generate.js';
import type { Prompt } from '../generate/prompt.js';
import { type Check, compare } from './comparison.js';
import type { ExpectedFile } from './expected-file.js';

/** Tolerances as fractions of the largest absolute value of the reference's tensor. */
const OUTPUT = 1e-4;
const GRADIENT = 1e-3;

/** Build a prompt from the reference's ids and pixels. */
export function readPrompt(name: string, expected: ExpectedFile): Prompt {
  const ids = [...expected.numbers(`${name}.input_ids`)];
  const shown = expected.imagesOf[name];
  if (shown.length === 0) return { ids, images: [] };
  if (expected.has(`${name}.pixel_values`)) return { ids, images: readTiles(name, expected) };
  const pixels = expected.numbers('pixel_values') as Float32Array;
  const width = expected.shape('pixel_values')[1];
  const grids = expected.numbers('image_grid_thw');
  let start = 0;
  const images: PromptImage[] = [];
  for (let i = 0; i < grids.length; i += 3) {
    const [t, h, w] = grids.slice(i, i + 3);
    const end = start + t * h * w * width;
    images.push({ kind: 'patches', patches: pixels.slice(start, end), grid: { t, h, w } });
    start = end;
  }
  return { ids, images: shown.map((image) => images[image]) };
}

/** Tiles of one prompt: `{name}.pixel_values` [tiles, 3, side, side] and `{name}.pixel_attention_mask`, 1 where the image is. */
function readTiles(name: string, expected: ExpectedFile): PromptImage[] {
  const [count, channels, side] = expected.shape(`${name}.pixel_values`);
  const values = expected.numbers(`${name}.pixel_values`);
  const mask = expected.has(`${name}.pixel_attention_mask`)
    ? expected.numbers(`${name}.pixel_attention_mask`)
    : new Int32Array(count * side * side).fill(1);
  return Array.from({ length: count }, (_, tile): PromptImage => {
    const pixels = new Float32Array(side * side * channels);
    for (let channel = 0; channel < channels; channel++)
      for (let at = 0; at < side * side; at++)
        pixels[at * channels + channel] = values[(tile * channels + channel) * side * side + at];
    const own = mask.subarray(tile * side * side, (tile + 1) * side * side);
    const across = [...own.subarray(0, side)].reduce((sum, one) => sum + one, 0);
    const down = Array.from({ length: side }, (_, row) => own[row * side]).reduce((sum, one) => sum + one, 0);
    return { kind: 'tile', pixels, side, width: across, height: down };
  });
}

/** Compare positions, image features, hidden states, logits and attention weights of one prompt. */
export function checkOutputs(network: Network, name: string, prompt: Prompt, expected: ExpectedFile): Check[] {
  let checks: Check[] = [];
  tf.tidy(() => {
    const { embeddings, positions, features, deepstack, deepstackFeatures = [] } = embedPrompt(network, prompt);
    const { last, hiddenStates, attention } = runLanguage(network.config.text, network.weights, {
      embeddings,
      positions,
      deepstack,
      attention: 'causal',
      want: { hiddenStates: true, attention: 'last' },
    });
    const outputs: Record<string, tf.Tensor> = {
      ...(features && { image_features: features }),
      ...Object.fromEntries(deepstackFeatures.map((each, index) => [`deepstack_${index}`, each])),
      ...Object.fromEntries(hiddenStates!.map((state, i) => [`hidden_${i}`, state])),
      logits: logits(network.weights, tf.squeeze(last, [0])),
      attention_last: attention![0],
    };
    const check = (output: string, tensor: tf.Tensor, fraction: number) =>
      expected.has(`${name}.${output}`)
        ? [compare(`${name}.${output}`, tensor.dataSync(), expected.numbers(`${name}.${output}`), fraction)]
        : [];
    checks = [
      ...check('position_ids', positions, 0),
      ...Object.entries(outputs).flatMap(([output, tensor]) => check(output, tensor, OUTPUT)),
    ];
  });
  return checks;
}

/** Compare the tokens of greedy decoding of one prompt. */
export async function checkGenerated(
  network: Network,
  name: string,
  prompt: Prompt,
  expected: ExpectedFile,
): Promise<Check[]> {
  if (!expected.has(`${name}.generated`)) return [];
  const theirs = expected.numbers(`${name}.generated`);
  const ours: number[] = [];
  for await (const id of streamTokens(network, prompt, { maxTokens: theirs.length })) ours.push(id);
  return [compare(`${name}.generated`, ours, theirs, 0)];
}

/** Compare gradients of the loss that `verifyFolder` describes. */
export function checkGradients(network: Network, expected: ExpectedFile): Check[] {
  if (!expected.has('grad.weights')) return [];
  const prefix = 'grad.';
  const wanted = expected
    .unread()
    .filter((name) => name.startsWith(`${prefix}model.`) || name === 'grad.lm_head.weight');
  const names = wanted.map((name) => familyOf(network.config).canonicalName(name.slice(prefix.length)));
  const missing = names.find((name) => !network.weights[name]);
  if (missing) throw new UserError(`${expected.file}: has a gradient of ${missing}, which this network lacks.`);
  const counts = Object.entries(expected.imagesOf).map(([name, images]) => ({ name, count: images.length }));
  const { name } = counts.reduce((max, each) => (each.count > max.count ? each : max));
  const prompt = readPrompt(name, expected);
  let checks: Check[] = [];
  tf.tidy(() => {
    const mean = (weights: Weights) => {
      const { embeddings, positions, deepstack } = embedPrompt({ ...network, weights }, prompt);
      const { last } = runLanguage(network.config.text, weights, {
        embeddings,
        positions,
        deepstack,
        attention: 'causal',
      });
      return tf.mean(last, [0, 1]);
    };
    const factors = tf.tensor1d(expected.numbers('grad.weights') as Float32Array);
    const loss = (...values: tf.Tensor[]) => {
      const changed = Object.fromEntries(names.map((each, i) => [each, values[i]]));
      return tf.sum(tf.mul(mean({ ...network.weights, ...changed }), factors)) as tf.Scalar;
    };
    const { value, grads } = tf.valueAndGrads(loss)(names.map((each) => network.weights[each]));
    checks = [
      compare('grad.pooled', mean(network.weights).dataSync(), expected.numbers('grad.pooled'), OUTPUT),
      compare('grad.loss', value.dataSync(), expected.numbers('grad.loss'), GRADIENT),
      ...wanted.map((each, i) => compare(each, grads[i].dataSync(), expected.numbers(each), GRADIENT)),
    ];
  });
  return checks;
}
