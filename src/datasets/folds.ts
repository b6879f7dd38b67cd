import { UserError, wrongOption } from '../checks/error.js';
import type { Catalogue } from '../data/types.js';
import { dataSetOf, dataSets } from './index.js';

/**
 * The folds of a catalogue's data set, as product ids.
 * @throws UserError for data without folds, since their tasks would be the same for each fold
 */
export function foldsOf(catalogue: Catalogue): string[][] {
  const { folds } = dataSetOf(catalogue);
  if (folds) return folds(catalogue);
  const names = dataSets().flatMap((set) => (set.folds ? set.name : []));
  throw new UserError(
    `fold: got data of the layout '${catalogue.adapter}', expected one with folds of unseen products (${names.join(' | ')}). Leave --fold out.`,
  );
}

/**
 * The product ids of one fold, counted from 1.
 * @throws UserError for a fold that does not exist, and for data without folds
 */
export function foldOf(catalogue: Catalogue, fold: number): string[] {
  const folds = foldsOf(catalogue);
  if (!folds[fold - 1]) throw wrongOption('fold', fold, `an integer from 1 to ${folds.length}`);
  return folds[fold - 1];
}
