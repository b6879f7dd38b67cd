import type { TaskVectors } from './task-vector-sums.js';

/** What a merge did. */
export interface MergeReport {
  out: string;
  method: string;
  /** Models that were merged, as the recipe writes them. */
  models: string[];
  /** Numbers of tensors. */
  merged: number;
  fromBase: number;
  /** Tensors of other types than floating point, which the result lacks. */
  leftOut: string[];
  /** Lengths of the task vectors and angles between them over all merged tensors; absent for a method without them. */
  taskVectors?: TaskVectors;
  warnings: string[];
}
