import { type Compiled, compile } from '../engine/compile/compile.js';
import { unflatten } from '../engine/flat-weights.js';
import { nameTensors, treeOf } from '../engine/named-tensors.js';
import * as tf from '../engine/tf.js';
import { unit } from '../losses/unit-rows.js';
import { type Batch, type BatchOptions, type BatchTensors, buildBatch } from '../moon/batch.js';
import { embeddingOption } from '../moon/embedding-option.js';
import { batchOptions, embedBatch } from '../moon/model.js';
import type { Sequence } from '../moon/sequence.js';
import type { Pixels } from '../pictures/picture-store.js';
import { mirrorPictures, type StoredPictures } from '../pictures/stored-pictures.js';
import { isMirrored } from '../pictures/vision-option.js';
import { embedShape, paddedCount } from './embed-shapes.js';
import type { Encoder } from './encoder.js';
import { frozenTextOf } from './frozen-text.js';
import { joinedEmbeddings } from './joined-embedding.js';
import { uploadPictured } from './upload.js';

/** Embeds sequences together. Returns vectors [sequences, width], which the caller frees: unit vectors, or joined ones (`EmbeddingOption`). */
export type Embedder = (sequences: readonly Sequence[]) => tf.Tensor2D;

/** Batches smaller than this run operation by operation: for a few sequences in a notebook, compilation would take longer. */
const MIN_COMPILED = 32;

/**
 * Make the embedding function of an encoder. It uses a few compiled graphs if the config asks for it, otherwise it runs operation by
 * operation.
 */
export function embedderOf(encoder: Encoder, pixels: Pixels): Embedder {
  const { model, parameters, layout, config } = encoder;
  const options = batchOptions(model);
  const compiled = config.engine.compile && tf.getBackend() === 'tensorflow' ? compiledOf(encoder) : undefined;
  const both = isMirrored(config.vision);
  const joined = embeddingOption(config.embedding);
  const texts = frozenTextOf(config.text);
  return (sequences) =>
    tf.tidy(() => {
      const graph = sequences.length < MIN_COMPILED ? undefined : compiled;
      const batch = graph ? paddedBatch(sequences, options) : buildBatch(sequences, options);
      const embed = (tensors: BatchTensors) => {
        if (!graph) return embedBatch(model, unflatten(parameters, layout), batch, tensors).embeddings;
        const { embeddings } = graph(nameTensors({ parameters, tensors }), batch.groups);
        return tf.slice(embeddings as tf.Tensor2D, [0, 0], [sequences.length, -1]) as tf.Tensor2D;
      };
      const tensors = uploadPictured(batch, model, pixels);
      const plain = embed(tensors);
      if (joined.kind === 'joined') return joinedEmbeddings(plain, sequences, batch, tensors, texts, joined.frozen);
      if (!both || !batch.images.length) return plain;
      const pictures = mirrorPictures(tensors.pictures as StoredPictures);
      return unit(tf.add(plain, embed({ ...tensors, pictures })));
    });
}

/** Pad a batch to one of the few sizes of the compiled graphs by repeating the last sequence. */
function paddedBatch(sequences: readonly Sequence[], options: BatchOptions): Batch {
  const rows = paddedCount(sequences.length);
  const filled = [...sequences, ...Array<Sequence>(rows - sequences.length).fill(sequences[sequences.length - 1])];
  return buildBatch(filled, { ...options, min: embedShape(filled, options, rows) });
}

type Graph = Compiled<Batch['groups']>;

/** Keyed by the architecture: models that differ only in their weights, such as those of several seeds, share their graphs. */
const graphs = new Map<string, Graph>();

function compiledOf({ model, layout }: Pick<Encoder, 'model' | 'layout'>): Graph {
  const captures = { model, layout };
  const key = JSON.stringify(captures);
  const found = graphs.get(key);
  if (found) return found;
  const embed = (named: Record<string, tf.Tensor>, groups: Batch['groups']) => {
    const { parameters, tensors } = treeOf<{ parameters: tf.Tensor1D; tensors: BatchTensors }>(named);
    const { embeddings } = embedBatch(model, unflatten(parameters, layout), { groups }, tensors);
    return { embeddings };
  };
  const made = compile(embed, { name: 'embedding', captures, maxShapes: 32 });
  graphs.set(key, made);
  return made;
}
