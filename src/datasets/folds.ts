import { UserError, wrongOption } from '../checks/error.js';
import type { Catalogue } from '../data/types.js';
import { dataSetOf, dataSets } from './index.js';

/** Product ids in the folds of a catalogue's data set. @throws UserError for data without folds: their tasks would ask the same of each */
export function foldsOf(catalogue: Catalogue): string[][] {
  const { folds } = dataSetOf(catalogue);
  if (folds) return folds(catalogue);
  const names = dataSets().flatMap((set) => (set.folds ? set.name : []));
  throw new UserError(
    `fold: got data of the layout '${catalogue.adapter}', expected one with folds of unseen products (${names.join(' | ')}); leave --fold out.`,
  );
}

/** The product ids of one fold, counted from 1. @throws UserError for another number, and for data without folds */
export function foldOf(catalogue: Catalogue, fold: number): string[] {
  const folds = foldsOf(catalogue);
  if (!folds[fold - 1]) throw wrongOption('fold', fold, `a whole number from 1 to ${folds.length}`);
  return folds[fold - 1];
}
