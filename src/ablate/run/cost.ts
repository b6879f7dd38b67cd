import { TOKENS } from '../../backbones/layers/decoder-names.js';
import { isMerger, isVision, stemKernelStage } from '../../backbones/qwen25vl/names.js';
import type { Encoder } from '../../encoder/encoder.js';
import { ORDINARY } from '../../moon/experts/option.js';
import { expertGroup } from '../../moon/weight-names.js';
import type { StepRecord } from '../../train/step-record.js';

/** What a row costs, beside what it is worth. */
export interface Cost {
  parameters: number;
  /** Of the network as an ordinary token goes through it: `topK` of its experts. */
  activeParameters: number;
  /** Floating-point operations of training: three times those of the forward pass, without padding. An estimate. */
  flops: number;
  /** Of all updates. */
  seconds: number;
  /** Most memory of the process that trained and measured it, in bytes; null where it shared a process with others. */
  memory: number | null;
}

type Network = Pick<Encoder, 'model' | 'layout'>;

/** Weights by name -> how many numbers, and how many of them one token meets. */
function weightsOf({ model, layout }: Network): { name: string; size: number; active: number }[] {
  const { experts } = model;
  return layout.names.map((name, at) => {
    const size = layout.sizes[at];
    const group = expertGroup(name);
    const topK = experts.kind === 'none' ? 1 : experts.topK;
    const active = group === undefined ? size : group === ORDINARY ? (size * topK) / layout.shapes[at][0] : 0;
    return { name, size, active };
  });
}

/** The cost of a trained row. @param memory of the process, where it was its own */
export function costOf(network: Network, records: readonly StepRecord[], memory: number | null): Cost {
  const weights = weightsOf(network);
  return {
    parameters: weights.reduce((sum, { size }) => sum + size, 0),
    activeParameters: weights.reduce((sum, { active }) => sum + active, 0),
    flops: records.reduce((sum, { size }) => sum + 3 * forwardFlops(network, size), 0),
    seconds: records.reduce((sum, { seconds }) => sum + seconds, 0),
    memory,
  };
}

/**
 * Two operations a weight and token in products with weights, four a width and pair of tokens in attention. Of the vision side each
 * weight meets the tokens of its stage: patches in blocks, a quarter of them behind the merger, sides halved at every stage of the
 * stem.
 */
export function forwardFlops({ model, layout }: Network, { tokens, pairs, pictures }: StepRecord['size']): number {
  const { network, imageSize, vision } = model;
  const { text } = network;
  const patches = (imageSize / network.vision.patchSize) ** 2;
  const merged = patches / network.vision.mergeSize ** 2;
  const meets = (name: string): number => {
    const stage = stemKernelStage(name);
    if (stage !== undefined) return (imageSize / 2 ** (stage + 1)) ** 2;
    return isMerger(name) ? merged : patches;
  };
  let perToken = 0;
  let perPicture = vision.kind === 'onnx' ? 0 : 4 * network.vision.width * network.vision.depth * patches ** 2;
  for (const { name, active } of weightsOf({ model, layout })) {
    const isMatrix = layout.shapes[layout.names.indexOf(name)].length > 1;
    if (!isMatrix || name === TOKENS) continue;
    if (isVision(name)) perPicture += 2 * active * (vision.kind === 'onnx' ? 1 : meets(name));
    else perToken += 2 * active;
  }
  return tokens * perToken + 4 * text.width * text.depth * pairs + pictures * perPicture;
}

/** The mean over the trials of a row. */
export function meanCost(costs: readonly Cost[]): Cost {
  const mean = (of: (cost: Cost) => number) => costs.reduce((sum, cost) => sum + of(cost), 0) / costs.length;
  return {
    parameters: mean(({ parameters }) => parameters),
    activeParameters: mean(({ activeParameters }) => activeParameters),
    flops: mean(({ flops }) => flops),
    seconds: mean(({ seconds }) => seconds),
    memory: costs.every(({ memory }) => memory !== null) ? mean(({ memory }) => memory ?? 0) : null,
  };
}
