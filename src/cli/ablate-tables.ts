import { join } from 'node:path';
import { compareStudies, comparisonText } from '../ablate/report/compare-studies.js';
import { exchangePage, exchangeText, studyExchange } from '../ablate/report/exchange.js';
import { studyJson } from '../ablate/report/export-table.js';
import { writeTables } from '../ablate/report/study-page.js';
import { studyText } from '../ablate/report/study-text.js';
import { readStudyResult } from '../ablate/run/study-result.js';
import { writePage } from '../figures/page/write-page.js';

/** Write and print the tables of a study folder. @returns exit code: 1 if trials are missing @throws UserError if it holds no study */
export function printTables(folder: string, json: boolean): number {
  const result = readStudyResult(folder);
  writeTables(result);
  console.log(json ? JSON.stringify(studyJson(result)) : studyText(result));
  return result.unfinished.length ? 1 : 0;
}

/** Print a comparison of the studies in two folders. @throws UserError if one holds no study */
export function printComparison(folder: string, other: string, json: boolean): number {
  const comparison = compareStudies(readStudyResult(folder), readStudyResult(other));
  console.log(json ? JSON.stringify(comparison) : comparisonText(comparison));
  return 0;
}

/** Print what a point of one task's metric was worth in another's, and draw it in exchange.html. @throws UserError as `studyExchange` */
export function printExchange(folder: string, tasks: readonly [string, string], json: boolean): number {
  const exchange = studyExchange(folder, tasks);
  writePage(join(folder, 'exchange.html'), exchangePage(exchange));
  console.log(json ? JSON.stringify(exchange) : `${exchangeText(exchange)}\nfigure: ${join(folder, 'exchange.html')}`);
  return 0;
}
