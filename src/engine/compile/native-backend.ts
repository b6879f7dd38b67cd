import * as tf from '../tf.js';

/** The parts of tfjs-node's backend and binding that recording and replaying need. */

export interface Attribute {
  name: string;
  type: number;
  value: unknown;
}

export interface OutputMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

export interface Binding {
  createTensor(shape: readonly number[], dtype: number, values: unknown): number;
  deleteTensor(id: number): void;
  executeOp(op: string, attributes: Attribute[], ids: number[], outputs: number): OutputMetadata[];
  /** Set while a function is recorded (`waitFor` of native-ops). */
  isRecording?: true;
  tensorDataSync(id: number): Float32Array | Int32Array | Uint8Array;
  loadSavedModel(folder: string, tags: string): number;
  runSavedModel(id: number, inputs: number[], inputNames: string, outputNames: string): OutputMetadata[];
  deleteSavedModel(id: number): void;
  TF_Version: string;
  TF_ATTR_STRING: number;
  TF_ATTR_INT: number;
  TF_ATTR_FLOAT: number;
  TF_ATTR_BOOL: number;
  TF_ATTR_TYPE: number;
  TF_ATTR_SHAPE: number;
  TF_FLOAT: number;
  TF_INT32: number;
  TF_BOOL: number;
}

export interface NativeBackend {
  binding: Binding;
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  createOutputTensor(metadata: OutputMetadata): tf.Tensor;
  getDTypeInteger(dtype: tf.DataType): number;
  executeSingleOutput(op: string, attributes: Attribute[], inputs: tf.TensorInfo[]): tf.Tensor;
}

/** The native engine's backend. Starts the engine if none is running. */
export function rawBackend(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}
