/** A language model as the families share it: blocks of attention with rotary positions and SwiGLU, each behind an RMSNorm. */
export interface DecoderConfig {
  vocabSize: number;
  depth: number;
  width: number;
  heads: number;
  keyValueHeads: number;
  /** Width of a head. Default `width / heads`. */
  headWidth?: number;
  feedForwardWidth: number;
  normEpsilon: number;
  ropeTheta: number;
  /** How many rotary frequencies encode time, row and column. They add up to half the head width. */
  mropeSection: [number, number, number];
  /** Whether the axes take turns, frequency by frequency, instead of a section each (Qwen3-VL). */
  mropeInterleaved?: boolean;
  /** Whether an RMSNorm scales every head of queries and keys (Qwen3). */
  queryKeyNorm?: boolean;
  /** Whether queries, keys and values have a bias. Default true, as in Qwen2.5-VL. */
  attentionBias?: boolean;
  /** Whether the output projection of attention has one too. */
  outputBias?: boolean;
  maxPositions: number;
  initRange: number;
  /** `initRange` of the weights that end a residual branch; 0 starts every block as the identity. Default `initRange`. */
  branchInitRange?: number;
}

export function headWidthOf({ width, heads, headWidth = width / heads }: DecoderConfig): number {
  return headWidth;
}

/** The blocks of a small language model: heads with keys of their own, a feed-forward layer of twice the width, text positions alone. */
export function smallDecoder(
  own: Pick<DecoderConfig, 'vocabSize' | 'depth' | 'width' | 'heads' | 'maxPositions' | 'initRange'>,
): DecoderConfig {
  const { width, heads } = own;
  return {
    ...own,
    keyValueHeads: heads,
    feedForwardWidth: 2 * width,
    normEpsilon: 1e-6,
    ropeTheta: 10_000,
    mropeSection: [width / heads / 2, 0, 0],
  };
}
