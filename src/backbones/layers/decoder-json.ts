import type { PublishedConfig } from '../published-config.js';
import type { Json } from './config-json.js';

/** The settings of a language model that all families write to a `config.json` alike. */
export function decoderToJson({ text, ...config }: PublishedConfig): Json {
  return {
    vocab_size: text.vocabSize,
    num_hidden_layers: text.depth,
    hidden_size: text.width,
    num_attention_heads: text.heads,
    num_key_value_heads: text.keyValueHeads,
    ...(text.headWidth === undefined ? {} : { head_dim: text.headWidth }),
    intermediate_size: text.feedForwardWidth,
    hidden_act: 'silu',
    rms_norm_eps: text.normEpsilon,
    max_position_embeddings: text.maxPositions,
    initializer_range: text.initRange,
    bos_token_id: config.bosTokenId,
    eos_token_id: config.eosTokenIds.length > 1 ? config.eosTokenIds : (config.eosTokenIds[0] ?? null),
    pad_token_id: config.padTokenId,
  };
}
