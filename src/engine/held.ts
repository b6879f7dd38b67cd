import * as tf from './tf.js';

/** Keep tensors beyond the forward pass of a gradient function, which returns only a scalar. */
export function held<Named extends Record<string, tf.Tensor>>(tensors: Named): Named {
  for (const tensor of Object.values(tensors)) tf.keep(tensor);
  return tensors;
}

/** Hand kept tensors over to the current `tidy` scope. */
export function released<Named extends Record<string, tf.Tensor>>(tensors: Named): Named {
  const copies = Object.entries(tensors).map(([name, tensor]) => [name, tf.clone(tensor)]);
  tf.dispose(tensors);
  return Object.fromEntries(copies) as Named;
}
