import { logits, runLanguage } from '../backbones/layers/decoder.js';
import { canonicalName } from '../backbones/qwen25vl/names.js';
import { UserError } from '../checks/error.js';
import type { Weights } from '../engine/flat-weights.js';
import * as tf from '../engine/tf.js';
import { embedPrompt, type Network } from '../generate/embed-prompt.js';
import { streamTokens } from '../generate/generate.js';
import type { Prompt, PromptImage } from '../generate/prompt.js';
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

/** Compare positions, image features, hidden states, logits and attention weights of one prompt. */
export function checkOutputs(network: Network, name: string, prompt: Prompt, expected: ExpectedFile): Check[] {
  let checks: Check[] = [];
  tf.tidy(() => {
    const { embeddings, positions, features } = embedPrompt(network, prompt);
    const { last, hiddenStates, attention } = runLanguage(network.config.text, network.weights, {
      embeddings,
      positions,
      attention: 'causal',
      want: { hiddenStates: true, attention: 'last' },
    });
    const outputs: Record<string, tf.Tensor> = {
      ...(features && { image_features: features }),
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
  const names = wanted.map((name) => canonicalName(name.slice(prefix.length)));
  const missing = names.find((name) => !network.weights[name]);
  if (missing) throw new UserError(`${expected.file}: has a gradient of ${missing}, which this network lacks.`);
  const counts = Object.entries(expected.imagesOf).map(([name, images]) => ({ name, count: images.length }));
  const { name } = counts.reduce((max, each) => (each.count > max.count ? each : max));
  const prompt = readPrompt(name, expected);
  let checks: Check[] = [];
  tf.tidy(() => {
    const mean = (weights: Weights) => {
      const { embeddings, positions } = embedPrompt({ ...network, weights }, prompt);
      const { last } = runLanguage(network.config.text, weights, { embeddings, positions, attention: 'causal' });
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
