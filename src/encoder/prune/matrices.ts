import { languageBlock } from '../../backbones/layers/decoder-names.js';
import { expertGroup } from '../../moon/weight-names.js';

/** A matrix that is pruned: a linear layer of a block of the language model, or one expert's part of a tensor. */
export interface PrunedMatrix {
  /** The tensor that holds it. */
  tensor: string;
  block: number;
  rows: number;
  columns: number;
  /** Its first number in the tensor. */
  start: number;
  /** Its input: the linear layer's name, or the expert's `expertInput`. */
  input: string;
}

/** Name of an expert's input, and of the input of its second layer. */
export const expertInput = (block: number, group: string, expert: number, layer: 'gateUp' | 'down'): string =>
  `${languageBlock(block)}mlp.${group}.${expert}.${layer}`;

/** The matrices of a network's blocks, from the shapes of its weights. Gates of experts, embeddings, head and vision are never pruned. */
export function prunedMatrices(shapes: Readonly<Record<string, readonly number[]>>): PrunedMatrix[] {
  return Object.entries(shapes)
    .flatMap(([tensor, shape]) => matricesOf(tensor, shape))
    .sort((a, b) => a.block - b.block);
}

function matricesOf(tensor: string, shape: readonly number[]): PrunedMatrix[] {
  const found = /^model\.layers\.(\d+)\.(.+)$/.exec(tensor);
  if (!found || shape.length < 2) return [];
  const block = Number(found[1]);
  const group = expertGroup(tensor);
  const [rows, columns] = shape.slice(-2);
  if (group !== undefined) {
    const layer = tensor.endsWith('gate_up_proj') ? 'gateUp' : 'down';
    return Array.from({ length: shape[0] }, (_, expert) => {
      const input = expertInput(block, group, expert, layer);
      return { tensor, block, rows, columns, start: expert * rows * columns, input };
    });
  }
  if (shape.length !== 2 || !/_proj\.weight$/.test(tensor)) return [];
  return [{ tensor, block, rows, columns, start: 0, input: tensor.replace(/\.weight$/, '') }];
}
