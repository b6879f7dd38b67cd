import { wrongOption } from '../../checks/error.js';
import { aspects } from '../sequence.js';
import { ORDINARY } from '../weight-names.js';
import { type GroupTable, groupNames, paperGroups } from './groups.js';

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
 * - `guided`: tokens of the aspects that `groups` names to the expert of their group, whose output counts fully; the others by the gate to
 *   the ordinary experts (paper, figure 5).
 */
export type ExpertsOption = { kind: 'none' } | PlainExperts | GuidedExperts;

export interface PlainExperts extends ExpertSizes {
  kind: 'plain';
}

export interface GuidedExperts extends ExpertSizes {
  kind: 'guided';
  /** Which aspects have an expert of their own, and its name: aspects of one name share one. Default the paper's: category and attribute. */
  groups?: GroupTable;
}

/** Options of a network that has expert layers. */
export type SomeExperts = PlainExperts | GuidedExperts;

/** The named groups of a network's expert layers; plain experts have none. */
export function namedGroups(option: ExpertsOption): GroupTable {
  if (option.kind !== 'guided') return {};
  const { groups = paperGroups } = option;
  return groups;
}

/** Experts of a layer that the gate chooses from. */
export function ordinaryCount(option: SomeExperts): number {
  return option.count - groupNames(namedGroups(option)).length;
}

/** @throws UserError for a wrong option. */
export function checkExperts(option: ExpertsOption, blocks: number): void {
  if (!['none', 'plain', 'guided'].includes(option.kind))
    throw wrongOption('experts.kind', option.kind, 'one of guided | plain | none');
  if (option.kind === 'none') return;
  if (option.kind === 'guided') checkGroups(namedGroups(option));
  const named = groupNames(namedGroups(option));
  const ordinary = ordinaryCount(option);
  if (!Number.isInteger(option.count) || ordinary < 1) {
    const why = named.length ? `: an ordinary expert beside ${named.join(', ')}` : '';
    throw wrongOption('experts.count', option.count, `a whole number of at least ${named.length + 1}${why}`);
  }
  if (!Number.isInteger(option.topK) || option.topK < 1 || option.topK > ordinary)
    throw wrongOption('experts.topK', option.topK, `1 to ${ordinary}, the count of experts that the gate chooses from`);
  const known = option.blocks.filter((block) => Number.isInteger(block) && block >= 0 && block < blocks);
  if (!known.length || new Set(known).size < option.blocks.length)
    throw wrongOption('experts.blocks', option.blocks, `at least one of 0 to ${blocks - 1}, each once`);
}

/** Names that stand for the ordinary experts: in files, and in words. */
const reserved: readonly string[] = [ORDINARY, 'ordinary'];

function checkGroups(table: GroupTable): void {
  const isTable = typeof table === 'object' && table !== null && !Array.isArray(table);
  if (!isTable || !Object.keys(table).length) {
    const example = JSON.stringify(paperGroups);
    throw wrongOption(
      'experts.groups',
      table,
      `aspects and their groups, such as ${example}; 'plain' experts have none`,
    );
  }
  for (const [aspect, group] of Object.entries(table)) {
    if (!(aspects as readonly string[]).includes(aspect))
      throw wrongOption('experts.groups', aspect, `aspects out of ${aspects.join(' | ')}`);
    if (typeof group !== 'string' || !/^[a-z][a-z0-9_-]*$/.test(group) || reserved.includes(group))
      throw wrongOption(
        `experts.groups.${aspect}`,
        group,
        `a name of small letters, digits, - and _ other than ${reserved.join(' and ')}`,
      );
  }
}
