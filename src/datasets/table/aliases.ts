import { joinAliases } from '../../tasks/aliases.js';
import { aliases as fashion } from '../fashion/aliases.js';
import { aliases as grocery } from '../grocery/aliases.js';

/**
 * Synonyms for any table: all those written for real products. Masking a word too many costs less than leaving one that reveals the label.
 */
export const everydayAliases = joinAliases(fashion, grocery);
