import { type Json, reader, record, wrong } from '../layers/config-json.js';

/** The sizes of a BERT encoder (arXiv 1810.04805). */
export interface BertConfig {
  vocabSize: number;
  width: number;
  depth: number;
  heads: number;
  feedForwardWidth: number;
  /** Longest text in tokens. */
  maxLength: number;
  /** Token types; every text here is of the first. */
  types: number;
  epsilon: number;
}

/** @throws UserError naming the value that does not fit */
export function parseBertConfig(json: unknown, file: string): BertConfig {
  const config = record(json, file, 'the content');
  const { number } = reader(config, file);
  only(config, file, 'model_type', 'bert');
  only(config, file, 'hidden_act', 'gelu');
  only(config, file, 'position_embedding_type', 'absolute');
  const [width, heads] = [number('hidden_size'), number('num_attention_heads')];
  if (width % heads) throw wrong(file, 'hidden_size', width, `a multiple of ${heads}, the number of heads`);
  return {
    vocabSize: number('vocab_size'),
    width,
    depth: number('num_hidden_layers'),
    heads,
    feedForwardWidth: number('intermediate_size'),
    maxLength: number('max_position_embeddings'),
    types: number('type_vocab_size', 2),
    epsilon: number('layer_norm_eps', 1e-12),
  };
}

/** The settings of a BERT that are computed in one way alone. */
function only(json: Json, file: string, name: string, value: string): void {
  if ((json[name] ?? value) !== value)
    throw wrong(file, name, json[name], `'${value}'`, 'Give a sentence encoder of the BERT family, such as minilm.');
}

/** Shapes of its weights, by their names in a checkpoint without the prefix `bert.`. */
export function bertShapes(config: BertConfig): Record<string, number[]> {
  const { vocabSize, width, depth, feedForwardWidth, maxLength, types } = config;
  const linear = (name: string, out: number, into: number) => ({
    [`${name}.weight`]: [out, into],
    [`${name}.bias`]: [out],
  });
  const norm = (name: string) => ({ [`${name}.weight`]: [width], [`${name}.bias`]: [width] });
  const layers = Array.from({ length: depth }, (_, layer) => {
    const { query, key, value, joined, attended, up, down, output } = layerNames(layer);
    return {
      ...Object.assign({}, ...[query, key, value, joined].map((name) => linear(name, width, width))),
      ...norm(attended),
      ...linear(up, feedForwardWidth, width),
      ...linear(down, width, feedForwardWidth),
      ...norm(output),
    };
  });
  return Object.assign(
    {
      [embeddingNames.words]: [vocabSize, width],
      [embeddingNames.positions]: [maxLength, width],
      [embeddingNames.types]: [types, width],
      ...norm(embeddingNames.norm),
    },
    ...layers,
  );
}

export const embeddingNames = {
  words: 'embeddings.word_embeddings.weight',
  positions: 'embeddings.position_embeddings.weight',
  types: 'embeddings.token_type_embeddings.weight',
  norm: 'embeddings.LayerNorm',
} as const;

export function layerNames(layer: number) {
  const at = `encoder.layer.${layer}.`;
  return {
    query: `${at}attention.self.query`,
    key: `${at}attention.self.key`,
    value: `${at}attention.self.value`,
    joined: `${at}attention.output.dense`,
    attended: `${at}attention.output.LayerNorm`,
    up: `${at}intermediate.dense`,
    down: `${at}output.dense`,
    output: `${at}output.LayerNorm`,
  };
}
