import { wrongOption } from '../../checks/error.js';
import { fillIn } from '../../checks/fill-in.js';
import { integer, list, number, table, tagged } from '../../checks/schema.js';
import { type Aspect, aspects } from '../aspect-option.js';

/** Sizes of a network's expert layers. */
interface ExpertSizes {
  /** Number of experts of a layer, including those of named groups. */
  count: number;
  /** Number of ordinary experts per token. Their outputs are weighted by the gate. */
  topK: number;
  /** Blocks, counted from 0, whose dense layer becomes an expert layer. */
  blocks: readonly number[];
}

/**
 * What replaces a block's feed-forward layer.
 * - `none`: nothing, the layer stays dense.
 * - `plain`: every token goes to the `topK` experts that the gate chooses.
 * - `guided`: tokens of the aspects in `guide` go to the expert of their group, whose output has weight 1. All other tokens go by the gate
 *   to the ordinary experts (paper, figure 5).
 * - `modality`: every token goes to the `topK` experts that the gate chooses, whose weights sum to 1. Dual alignment can weigh its objectives
 *   by them (MOON2.0, arXiv 2511.12449).
 */
export type ExpertsOption = { kind: 'none' } | PlainExperts | GuidedExperts | ModalityExperts;

export interface PlainExperts extends ExpertSizes {
  kind: 'plain';
}

export interface ModalityExperts extends ExpertSizes {
  kind: 'modality';
}

export interface GuidedExperts extends ExpertSizes {
  kind: 'guided';
  /**
   * Which aspects have their own expert, and its name. Aspects with the same name share one expert. Default as in the paper: category and
   * attribute.
   */
  guide?: GroupTable;
}

/** Options of a network that has expert layers. */
export type SomeExperts = Exclude<ExpertsOption, { kind: 'none' }>;

/**
 * Maps an aspect to the named group of experts that reads its tokens. Each group is one expert. Tokens of other aspects go by the gate to
 * the ordinary experts. Groups are numbered from 1 in the order of the table; 0 stands for the ordinary experts.
 */
export type GroupTable = Readonly<Partial<Record<Aspect, string>>>;

/** The paper's FFN_cate and FFN_attr (figure 5). */
export const paperGroups: GroupTable = { category: 'category', attribute: 'attribute' };

/** Unique group names of a table, in order. */
export function groupNames(table: GroupTable): string[] {
  return [...new Set(Object.values(table))];
}

/** Group name of the ordinary experts in weight names. Named groups use their own name there. */
export const ORDINARY = 'experts';

const MAX = 256;
const shared = {
  topK: integer({ min: 1, max: MAX, help: 'number of ordinary experts per token' }),
  blocks: list(integer({ min: 0, max: 127, help: 'a block' }), { help: 'blocks with experts, counted from 0' }),
};
export const expertsSchema = tagged<ExpertsOption, 'guide'>('what replaces the feed-forward layers', {
  guided: {
    count: integer({ min: 2, max: MAX, help: 'number of experts, including those of named groups' }),
    ...shared,
    guide: table(aspects, {
      help: 'which aspects have their own expert, and its name',
      leftOut: 'one expert for category, one for attribute',
    }),
  },
  plain: { count: integer({ min: 1, max: MAX, help: 'number of experts' }), ...shared },
  modality: { count: integer({ min: 1, max: MAX, help: 'number of experts' }), ...shared },
  none: {},
});

export const balanceSchema = number({
  min: 0,
  help: 'the weight of the load-balancing loss, which spreads tokens evenly over experts',
});

/** Named groups of a network's expert layers; empty for plain experts. */
export function namedGroups(option: ExpertsOption): GroupTable {
  if (option.kind !== 'guided') return {};
  const { guide = paperGroups } = option;
  return guide;
}

/** Number of experts of a layer that the gate chooses from. */
export function ordinaryCount(option: SomeExperts): number {
  return option.count - groupNames(namedGroups(option)).length;
}

/**
 * Check an experts option.
 * @param blocks number of blocks of the network
 * @throws UserError for a wrong option, or one that does not fit the network
 */
export function checkExperts(option: ExpertsOption, blocks: number): void {
  fillIn(expertsSchema, option, 'experts');
  if (option.kind === 'none') return;
  if (option.kind === 'guided') checkGroups(namedGroups(option));
  const named = groupNames(namedGroups(option));
  const ordinary = ordinaryCount(option);
  if (ordinary < 1) {
    const why = named.length ? `: an ordinary expert beside ${named.join(', ')}` : '';
    throw wrongOption('experts.count', option.count, `an integer of at least ${named.length + 1}${why}`);
  }
  if (option.topK > ordinary)
    throw wrongOption(
      'experts.topK',
      option.topK,
      `1 to ${ordinary}, the number of experts that the gate chooses from`,
    );
  if (option.kind === 'modality' && option.topK === 1 && option.count > 1)
    throw wrongOption(
      'experts.topK',
      option.topK,
      'at least 2',
      `With experts.kind 'modality' the weights of the chosen experts sum to 1, and the gate of a single one would not learn.`,
    );
  const known = option.blocks.filter((block) => block < blocks);
  if (!known.length || new Set(known).size < option.blocks.length)
    throw wrongOption(
      'experts.blocks',
      option.blocks,
      `at least one block from 0 to ${blocks - 1}, none of them twice`,
    );
}

/** Names reserved for the ordinary experts, in weight files and in text. */
const reserved: readonly string[] = [ORDINARY, 'ordinary'];

function checkGroups(table: GroupTable): void {
  if (!Object.keys(table).length)
    throw wrongOption(
      'experts.guide',
      table,
      `aspects and their groups, such as ${JSON.stringify(paperGroups)}; 'plain' experts have none`,
    );
  for (const [aspect, group] of Object.entries(table))
    if (!/^[a-z][a-z0-9_-]*$/.test(group) || reserved.includes(group))
      throw wrongOption(
        `experts.guide.${aspect}`,
        group,
        `a name of lowercase letters, digits, - and _ other than ${reserved.join(' and ')}`,
      );
}
