import { compareStudies, comparisonText } from '../ablate/report/compare-studies.js';
import { studyJson } from '../ablate/report/export-table.js';
import { writeTables } from '../ablate/report/study-page.js';
import { studyText } from '../ablate/report/study-text.js';
import { readStudyResult } from '../ablate/run/study-result.js';

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
