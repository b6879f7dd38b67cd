/** Values of one output, row by row. */
export interface NetworkOutput {
  shape: readonly number[];
  values: ArrayLike<number>;
}

/** A detection network from a file, whatever runs it. */
export interface DetectorNetwork {
  /** Of the only image input; 0 where the network leaves a size open. */
  inputShape: readonly number[];
  /** Every output that has a fixed number of axes, with its shape; 0 where a size is open. */
  outputs: Readonly<Record<string, readonly number[]>>;
  /** @param names the outputs that are wanted */
  run(pixels: Float32Array, shape: readonly number[], names: readonly string[]): Promise<Record<string, NetworkOutput>>;
  /** SHA-256 of the files it came from. */
  weights: string;
  dispose(): void;
}
