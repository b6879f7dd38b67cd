import { resolve } from 'node:path';
import { wrongOption } from '../../checks/error.js';
import type { Catalogue } from '../../data/types.js';
import { GROCERY_PACK } from '../../datasets/grocery/pack.js';
import { dataSets } from '../../datasets/index.js';
import { openCatalogue } from '../../datasets/open.js';

/** The data of a study: a folder, or the name and options of a generated data set: `{ kind: 'shop', options: { products: 500 } }`. */
export type StudyData = { kind: 'folder'; path: string } | GeneratedData;

export interface GeneratedData {
  kind: string;
  options: object;
}

/** The shipped grocery photos. */
export const groceryData: StudyData = { kind: 'folder', path: GROCERY_PACK };

/** Open or generate the data of a study. Every process of a study does this. @throws UserError for an unknown generated data set or option */
export async function openStudyData(data: StudyData): Promise<Catalogue> {
  if (!isGenerated(data)) return openCatalogue(data.path);
  const { generate } = dataSets().find(({ name }) => name === data.kind) ?? {};
  if (!generate) throw wrongOption('data', data.kind, `folder | ${generatedNames().join(' | ')}`);
  return generate(data.options);
}

/** Names of all generated data sets. */
export function generatedNames(): string[] {
  return dataSets().flatMap(({ name, generate }) => (generate ? name : []));
}

/** The data with an absolute path, for processes with another working directory. */
export function withAbsolutePath(data: StudyData): StudyData {
  return isGenerated(data) ? data : { ...data, path: resolve(data.path) };
}

/** The data as the user specified them, for manifests and messages. */
export function nameOfData(data: StudyData): string {
  return isGenerated(data) ? `${data.kind} ${JSON.stringify(data.options)}` : data.path;
}

export function isGenerated(data: StudyData): data is GeneratedData {
  return 'options' in data;
}
