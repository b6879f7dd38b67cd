import { joinAliases } from '../../tasks/aliases.js';
import { aliases as fashion } from '../fashion/aliases.js';
import { aliases as grocery } from '../grocery/aliases.js';

/** A table may be of anything: all words that were written for real products. A word too many costs less than one that tells. */
export const everydayAliases = joinAliases(fashion, grocery);
