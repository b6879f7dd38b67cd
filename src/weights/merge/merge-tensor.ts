/** One tensor of every model that is merged. */
export interface TensorOfModels {
  shape: readonly number[];
  /** Of the network that all models were tuned from. */
  base?: Float32Array;
  models: readonly Float32Array[];
}

/** What a method reads of a tensor: how far each model is from the base (its task vector), as numbers of `shape`. */
export interface Deltas {
  shape: readonly number[];
  deltas: readonly Float32Array[];
}

/** Merge the task vectors of one tensor into one. Pure: new numbers, from the same input the same. */
export type MergeDeltas<Option> = (tensor: Deltas, option: Option) => Float32Array;
