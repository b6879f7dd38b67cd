import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { familyOf, loadPublishedConfig } from '../../src/backbones/families.js';
import { randomStream } from '../../src/engine/random.js';
import { writeSafetensors } from '../../src/store/safetensors.js';

const decoder = {
  model_type: 'llama',
  hidden_size: 576,
  intermediate_size: 1536,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  head_dim: 64,
  rms_norm_eps: 1e-5,
  rope_theta: 100_000,
  max_position_embeddings: 8192,
};

/** The sizes of SmolLM2-135M (arXiv 2502.02737), all of its blocks or the first ones. */
export const smollm2 = (blocks: number) => ({
  ...decoder,
  architectures: ['LlamaForCausalLM'],
  num_hidden_layers: blocks,
  vocab_size: 49152,
  tie_word_embeddings: true,
});

/** The sizes of SmolVLM-256M (arXiv 2504.05299). */
export const smolvlm256m = {
  model_type: 'idefics3',
  architectures: ['Idefics3ForConditionalGeneration'],
  image_token_id: 49190,
  scale_factor: 4,
  tie_word_embeddings: false,
  text_config: { ...decoder, vocab_size: 49280, tie_word_embeddings: false },
  vision_config: {
    model_type: 'idefics3_vision',
    hidden_size: 768,
    intermediate_size: 3072,
    num_hidden_layers: 12,
    num_attention_heads: 12,
    image_size: 512,
    patch_size: 16,
    hidden_act: 'gelu_pytorch_tanh',
  },
};

/** Write a network of these sizes with random weights in bfloat16, as networks are published. @param stream names the weights */
export function writeNetwork(folder: string, sizes: object, stream = 'weights'): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify(sizes));
  const config = loadPublishedConfig(folder);
  const { weightShapes, moduleName } = familyOf(config);
  const draw = randomStream(1, stream);
  const drawn = Uint16Array.from(
    { length: 1 << 16 },
    () => new Uint32Array(Float32Array.of(0.02 * draw.normal()).buffer)[0] >>> 16,
  );
  writeSafetensors(
    join(folder, 'model.safetensors'),
    Object.entries(weightShapes(config)).map(([name, shape]) => ({
      name: moduleName(name),
      shape,
      dtype: 'BF16' as const,
      values: () => {
        const values = new Uint16Array(shape.reduce((product, side) => product * side, 1));
        for (let at = 0; at < values.length; at += drawn.length)
          values.set(drawn.subarray(0, Math.min(drawn.length, values.length - at)), at);
        return new Uint8Array(values.buffer);
      },
    })),
  );
}
