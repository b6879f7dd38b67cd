import { wrongOption } from '../../checks/error.js';
import { fillIn } from '../../checks/fill-in.js';
import { integer, list, number, table, tagged } from '../../checks/schema.js';
import { type Aspect, aspects } from '../aspect-option.js';

/** Sizes of a network's expert layers. */
interface ExpertSizes {
  /** All experts of a layer, those of named groups included. */
  count: number;
  /** Ordinary experts that read a token; their outputs are weighed by the gate. */
  topK: number;
  /** Numbers of the blocks, from 0, whose dense layer becomes an expert layer. */
  blocks: readonly number[];
}

/**
 * What stands in place of a block's feed-forward layer.
 * - `none`: the dense layer itself.
 * - `plain`: every token to the `topK` experts that the gate chooses.
 * - `guided`: tokens of the aspects that `guide` names to the expert of their group, whose output counts fully; the others by the gate to
 *   the ordinary experts (paper, figure 5).
 */
export type ExpertsOption = { kind: 'none' } | PlainExperts | GuidedExperts;

export interface PlainExperts extends ExpertSizes {
  kind: 'plain';
}

export interface GuidedExperts extends ExpertSizes {
  kind: 'guided';
  /** Which aspects have an expert of their own, and its name: aspects of one name share one. Default the paper's: category and attribute. */
  guide?: GroupTable;
}

/** Options of a network that has expert layers. */
export type SomeExperts = PlainExperts | GuidedExperts;

/**
 * Named groups of experts: aspect of a token -> group that reads it. Each group is one expert. An aspect that the table does not name goes to
 * the ordinary experts, by the gate. Groups are numbered from 1 in the order in which the table names them; 0 are the ordinary experts.
 */
export type GroupTable = Readonly<Partial<Record<Aspect, string>>>;

/** The paper's FFN_cate and FFN_attr (figure 5). */
export const paperGroups: GroupTable = { category: 'category', attribute: 'attribute' };

/** Names of a table's groups, each once, in order. */
export function groupNames(table: GroupTable): string[] {
  return [...new Set(Object.values(table))];
}

/** Under this name stand the experts that the gate chooses from; those of a named group stand under the group's. */
export const ORDINARY = 'experts';

const MAX = 256;
const shared = {
  topK: integer({ min: 1, max: MAX, help: 'experts that a token goes through' }),
  blocks: list(integer({ min: 0, max: 127, help: 'a block' }), { help: 'numbers of the blocks with experts, from 0' }),
};
export const expertsSchema = tagged<ExpertsOption, 'guide'>('what stands in place of feed-forward layers', {
  guided: {
    count: integer({ min: 2, max: MAX, help: 'all experts, those of named groups included' }),
    ...shared,
    guide: table(aspects, {
      help: 'which aspects have an expert of their own, and its name',
      leftOut: 'category and attribute, one each',
    }),
  },
  plain: { count: integer({ min: 1, max: MAX, help: 'all experts' }), ...shared },
  none: {},
});

export const balanceSchema = number({
  min: 0,
  help: "the weight of the term that spreads tokens over experts (the router's balance)",
});

/** The named groups of a network's expert layers; plain experts have none. */
export function namedGroups(option: ExpertsOption): GroupTable {
  if (option.kind !== 'guided') return {};
  const { guide = paperGroups } = option;
  return guide;
}

/** Experts of a layer that the gate chooses from. */
export function ordinaryCount(option: SomeExperts): number {
  return option.count - groupNames(namedGroups(option)).length;
}

/**
 * @param blocks of the network
 * @throws UserError for a wrong option, and for one that the network has no place for
 */
export function checkExperts(option: ExpertsOption, blocks: number): void {
  fillIn(expertsSchema, option, 'experts');
  if (option.kind === 'none') return;
  if (option.kind === 'guided') checkGroups(namedGroups(option));
  const named = groupNames(namedGroups(option));
  const ordinary = ordinaryCount(option);
  if (ordinary < 1) {
    const why = named.length ? `: an ordinary expert beside ${named.join(', ')}` : '';
    throw wrongOption('experts.count', option.count, `a whole number of at least ${named.length + 1}${why}`);
  }
  if (option.topK > ordinary)
    throw wrongOption('experts.topK', option.topK, `1 to ${ordinary}, the count of experts that the gate chooses from`);
  const known = option.blocks.filter((block) => block < blocks);
  if (!known.length || new Set(known).size < option.blocks.length)
    throw wrongOption('experts.blocks', option.blocks, `at least one of 0 to ${blocks - 1}, each once`);
}

/** Names that stand for the ordinary experts: in files, and in words. */
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
        `a name of small letters, digits, - and _ other than ${reserved.join(' and ')}`,
      );
}
