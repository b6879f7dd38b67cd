import { TOKENS } from '../../backbones/layers/decoder-names.js';
import { isMerger, isVision } from '../../backbones/layers/vision-names.js';
import { stemKernelStage } from '../../backbones/qwen25vl/names.js';
import type { Encoder } from '../../encoder/encoder.js';
import { ORDINARY } from '../../moon/experts/option.js';
import { towerOf } from '../../moon/tower.js';
import { expertGroup } from '../../moon/weight-names.js';
import type { StepRecord } from '../../train/step-record.js';

/** The cost of a trial, or the mean over the trials of a row. */
export interface Cost {
  /** Number of parameters. */
  parameters: number;
  /** Parameters that an ordinary token meets: of the experts, only `topK`. */
  activeParameters: number;
  /** Estimated floating-point operations of training: three times those of the forward pass, without padding. */
  flops: number;
  /** Total time of all updates, in seconds. */
  seconds: number;
  /** Peak memory of the process that trained and evaluated it, in bytes; null if other trials ran in the same process. */
  memory: number | null;
}

type Network = Pick<Encoder, 'model' | 'layout'>;

/** Size of each weight, and how many of its numbers one ordinary token meets. */
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

/** The cost of a trial. @param memory peak memory in bytes; null if the trial shared its process */
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
 * Estimated floating-point operations of one forward pass: 2 per matrix weight and token, and 4 per unit of width and pair of tokens in
 * attention. A weight of the vision tower meets the tokens of its stage: all patches in the blocks, merged patches in the merger, and
 * a grid in the stem whose side halves at every stage. Pictures that keep their shapes count as the largest ones.
 */
export function forwardFlops({ model, layout }: Network, { tokens, pairs, pictures }: StepRecord['size']): number {
  const { network, imageSize } = model;
  const { text } = network;
  const tower = towerOf(model);
  const patches = tower ? (imageSize / tower.patchSize) ** 2 : 0;
  const merged = tower ? patches / tower.mergeSize ** 2 : 0;
  const tokensMet = (name: string): number => {
    const stage = stemKernelStage(name);
    if (stage !== undefined) return (imageSize / 2 ** (stage + 1)) ** 2;
    return isMerger(name) ? merged : patches;
  };
  let perToken = 0;
  let perPicture = tower ? 4 * tower.width * tower.depth * patches ** 2 : 0;
  for (const { name, active } of weightsOf({ model, layout })) {
    const isMatrix = layout.shapes[layout.names.indexOf(name)].length > 1;
    if (!isMatrix || name === TOKENS) continue;
    if (isVision(name)) perPicture += 2 * active * (tower ? tokensMet(name) : 1);
    else perToken += 2 * active;
  }
  return tokens * perToken + 4 * text.width * text.depth * pairs + pictures * perPicture;
}

/** Mean cost over the trials of a row. */
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
