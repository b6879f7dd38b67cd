import { wrongOption } from '../../checks/error.js';
import { fillIn } from '../../checks/fill-in.js';
import { integer, list, number, tagged } from '../../checks/schema.js';

/**
 * What stands in place of a block's feed-forward layer.
 * - `none`: the dense layer itself.
 * - `plain`: every token to the `topK` experts that the gate chooses.
 * - `guided`: category tokens to FFN_cate and attribute tokens to FFN_attr by their aspect, whose outputs count fully, the others by
 *   the gate among `count - 2` ordinary experts (paper, figure 5).
 */
export type ExpertsOption =
  | { kind: 'none' }
  | {
      kind: 'plain' | 'guided';
      /** All experts, the two designated ones of `guided` included. */
      count: number;
      topK: number;
      /** Numbers of the blocks that become expert layers. */
      blocks: readonly number[];
    };

export type SomeExperts = Exclude<ExpertsOption, { kind: 'none' }>;

const MAX = 256;
const shared = {
  topK: integer({ min: 1, max: MAX, help: 'experts that a token goes through' }),
  blocks: list(integer({ min: 0, max: 127, help: 'a block' }), { help: 'numbers of the blocks with experts, from 0' }),
};

export const expertsSchema = tagged<ExpertsOption>('what stands in place of feed-forward layers', {
  guided: { count: integer({ min: 3, max: MAX, help: 'all experts, the two designated ones included' }), ...shared },
  plain: { count: integer({ min: 1, max: MAX, help: 'all experts' }), ...shared },
  none: {},
});

export const balanceSchema = number({
  min: 0,
  help: "the weight of the term that spreads tokens over experts (the router's balance)",
});

/** Experts that the gate chooses from. */
export function ordinaryCount(option: SomeExperts): number {
  return option.kind === 'guided' ? option.count - 2 : option.count;
}

/**
 * @param blocks of the network
 * @throws UserError for a wrong option, and for one that the network has no place for
 */
export function checkExperts(option: ExpertsOption, blocks: number): void {
  fillIn(expertsSchema, option, 'experts');
  if (option.kind === 'none') return;
  const ordinary = ordinaryCount(option);
  if (option.topK > ordinary)
    throw wrongOption('experts.topK', option.topK, `1 to ${ordinary}, the count of experts that the gate chooses from`);
  const known = option.blocks.filter((block) => block < blocks);
  if (!known.length || new Set(known).size < option.blocks.length)
    throw wrongOption('experts.blocks', option.blocks, `at least one of 0 to ${blocks - 1}, each once`);
}
