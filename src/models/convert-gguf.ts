import { loadGguf } from '../backbones/llama/gguf.js';
import { saveModel } from '../backbones/save-model.js';
import { UserError } from '../checks/error.js';
import * as tf from '../engine/tf.js';
import { requireNew, writeFolderAtomic } from '../store/atomic.js';
import { saveTokenizer } from '../text/tokenizer.js';
import { ggufIn } from './inspect-model.js';

/**
 * Write a GGUF network of the Llama architecture as a Hugging Face folder: config.json, tokenizer.json, model.safetensors in float32.
 * @param path the file, or a folder with one
 * @throws UserError for what is not such a network, or a folder that exists
 */
export async function convertGguf(path: string, out: string): Promise<void> {
  requireNew(out);
  const file = path.endsWith('.gguf') ? path : ggufIn(path);
  if (!file) throw new UserError(`${path}: contains no GGUF file. Give one, or a folder with one.`);
  const { config, weights, tokenizer } = await loadGguf(file);
  try {
    writeFolderAtomic(out, (aside) => {
      saveModel(aside, config, weights);
      saveTokenizer(tokenizer.json, aside);
    });
  } finally {
    tf.dispose(weights);
  }
}
