import type { MoonConfig } from '../../config/config.js';
import type { MoonModel } from '../../moon/model.js';
import { towerOf } from '../../moon/visual-tokens.js';

/** How many blocks of each kind a network has. Time, memory and parameters of a network are linear in them. */
export type Blocks = Record<BlockKind, number>;

export const blockKinds = ['dense', 'expert', 'vision'] as const;
export type BlockKind = (typeof blockKinds)[number];

export function blocksOf({ network, experts, vision }: MoonModel): Blocks {
  const expert = experts.kind === 'none' ? 0 : experts.blocks.length;
  return {
    dense: network.text.depth - expert,
    expert,
    vision: vision.kind === 'qwen' ? (network.vision?.depth ?? 0) : 0,
  };
}

/** The same network with other numbers of blocks; those with experts come last. */
export function withBlocks(config: MoonConfig, model: MoonModel, { dense, expert, vision }: Blocks) {
  const depth = dense + expert;
  const network = vision ? towerOf(model.network).withDepth(model.network, vision) : model.network;
  const experts =
    model.experts.kind === 'none' || !expert
      ? ({ kind: 'none' } as const)
      : { ...model.experts, blocks: Array.from({ length: expert }, (_, at) => dense + at) };
  const shortened = {
    ...network,
    text: { ...network.text, depth },
  };
  return { config: { ...config, experts }, model: { ...model, network: shortened, experts } };
}
