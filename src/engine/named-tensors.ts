import type * as tf from './tf.js';

/** Nested records of tensors; a value may be undefined. */
export type TensorTree = { [name: string]: tf.Tensor | TensorTree | undefined };

/** Flatten a tree to names such as `queries/mask`; names of weights have dots. Compiled functions take their inputs as one flat record. */
export function nameTensors(tree: TensorTree, prefix = ''): Record<string, tf.Tensor> {
  return Object.fromEntries(
    Object.entries(tree).flatMap(([name, value]) => {
      if (!value) return [];
      return isTensor(value) ? [[prefix + name, value]] : Object.entries(nameTensors(value, `${prefix}${name}/`));
    }),
  );
}

/** Inverse of `nameTensors`. */
export function treeOf<Tree extends TensorTree>(tensors: Record<string, tf.Tensor>): Tree {
  const tree: TensorTree = {};
  for (const [path, tensor] of Object.entries(tensors)) {
    const names = path.split('/');
    const branch = names.slice(0, -1).reduce((at, name) => {
      at[name] ??= {};
      return at[name] as TensorTree;
    }, tree);
    branch[names[names.length - 1]] = tensor;
  }
  return tree as Tree;
}

function isTensor(value: tf.Tensor | TensorTree): value is tf.Tensor {
  return typeof (value as tf.Tensor).dataId === 'object';
}
