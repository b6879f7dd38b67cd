/** Names of the vision weights of Idefics3 and SmolVLM. */

/** `model.text_model.*` -> `model.*`, `model.vision_model.*` -> `visual.*`, `model.connector.*` -> `visual.merger.*`; other names stay. */
export function canonicalName(name: string): string {
  return name
    .replace(/^model\.text_model\./, 'model.')
    .replace(/^model\.vision_model\./, 'visual.')
    .replace(/^model\.connector\./, 'visual.merger.');
}

/** The inverse of `canonicalName`. */
export function moduleName(name: string): string {
  return name
    .replace(/^model\./, 'model.text_model.')
    .replace(/^visual\.merger\./, 'model.connector.')
    .replace(/^visual\./, 'model.vision_model.');
}

/** Name prefix of a block of the vision tower, counted from 0. */
export const visionBlock = (block: number) => `visual.encoder.layers.${block}.`;

/** Vision weights outside the blocks. */
export const visionNames = {
  patches: { weight: 'visual.embeddings.patch_embedding.weight', bias: 'visual.embeddings.patch_embedding.bias' },
  positions: 'visual.embeddings.position_embedding.weight',
  norm: { weight: 'visual.post_layernorm.weight', bias: 'visual.post_layernorm.bias' },
  projection: 'visual.merger.modality_projection.proj.weight',
} as const;
