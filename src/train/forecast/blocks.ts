import type { MoonConfig } from '../../config/config.js';
import type { MoonModel } from '../../moon/model.js';
import { towerOf, withTowerDepth } from '../../moon/tower.js';

/** How many blocks of each kind a network has. Time, memory and parameters of a network are linear in them. */
export type Blocks = Record<BlockKind, number>;

export const blockKinds = ['dense', 'expert', 'vision'] as const;
export type BlockKind = (typeof blockKinds)[number];

export function blocksOf(model: MoonModel): Blocks {
  const { network, experts } = model;
  const expert = experts.kind === 'none' ? 0 : experts.blocks.length;
  return {
    dense: network.text.depth - expert,
    expert,
    vision: towerOf(model)?.depth ?? 0,
  };
}

/** The same network with other numbers of blocks; those with experts come last. */
export function withBlocks(config: MoonConfig, model: MoonModel, { dense, expert, vision }: Blocks) {
  const depth = dense + expert;
  const seeing = vision ? withTowerDepth(model, vision) : model;
  const experts =
    model.experts.kind === 'none' || !expert
      ? ({ kind: 'none' } as const)
      : { ...model.experts, blocks: Array.from({ length: expert }, (_, at) => dense + at) };
  const shortened = {
    ...seeing.network,
    text: { ...seeing.network.text, depth },
  };
  return { config: { ...config, experts }, model: { ...seeing, network: shortened, experts } };
}
