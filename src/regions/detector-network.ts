/** A detection network loaded from a file, whichever runtime runs it. */
export interface DetectorNetwork {
  /** Shape of the only image input; 0 for a dynamic size. */
  inputShape: readonly number[];
  /** Shapes of the outputs by name; 0 for a dynamic size, and no sizes if the file gives none. */
  outputs: Readonly<Record<string, readonly number[]>>;
  /**
   * Run the network and return the values of the outputs in `names`, row by row.
   * @param shape of `pixels`
   */
  run(pixels: Float32Array, shape: readonly number[], names: readonly string[]): Promise<NetworkOutputs>;
  /** SHA-256 of the network's files. */
  weights: string;
  dispose(): void;
}

export type NetworkOutputs = Record<string, ArrayLike<number>>;
