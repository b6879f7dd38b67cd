import { resolve } from 'node:path';
import { wrongOption } from '../../checks/error.js';
import type { Catalogue } from '../../data/types.js';
import { GROCERY_PACK } from '../../datasets/grocery/pack.js';
import { dataSets } from '../../datasets/index.js';
import { openCatalogue } from '../../datasets/open.js';

/** A folder, or the name and options of a data set that is generated: `{ kind: 'shop', options: { products: 500 } }`. */
export type StudyData = { kind: 'folder'; path: string } | GeneratedData;

export interface GeneratedData {
  kind: string;
  options: object;
}

/** Data of a study are a plain record: every process of it opens them anew. */
export const groceryData: StudyData = { kind: 'folder', path: GROCERY_PACK };

/** @throws UserError for the name of no data set that is generated, and for options that it does not have */
export async function openStudyData(data: StudyData): Promise<Catalogue> {
  if (!isGenerated(data)) return openCatalogue(data.path);
  const { generate } = dataSets().find(({ name }) => name === data.kind) ?? {};
  if (!generate) throw wrongOption('data', data.kind, `folder | ${generatedNames().join(' | ')}`);
  return generate(data.options);
}

/** Names of the data sets that are generated from options. */
export function generatedNames(): string[] {
  return dataSets().flatMap(({ name, generate }) => (generate ? name : []));
}

/** Data for a process that may run in another folder. */
export function withWholePath(data: StudyData): StudyData {
  return isGenerated(data) ? data : { ...data, path: resolve(data.path) };
}

/** As the user named it, for manifests and messages. */
export function nameOfData(data: StudyData): string {
  return isGenerated(data) ? `${data.kind} ${JSON.stringify(data.options)}` : data.path;
}

export function isGenerated(data: StudyData): data is GeneratedData {
  return 'options' in data;
}
