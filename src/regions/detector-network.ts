/** A detection network from a file, whatever runs it. */
export interface DetectorNetwork {
  /** Of the only image input; 0 where the network leaves a size open. */
  inputShape: readonly number[];
  /** Shapes of the outputs by name; 0 where a size is open, no size where the file does not say. */
  outputs: Readonly<Record<string, readonly number[]>>;
  /**
   * Values of the outputs that are wanted, row by row.
   * @param shape of `pixels`
   */
  run(pixels: Float32Array, shape: readonly number[], names: readonly string[]): Promise<NetworkOutputs>;
  /** SHA-256 of the files it came from. */
  weights: string;
  dispose(): void;
}

export type NetworkOutputs = Record<string, ArrayLike<number>>;
