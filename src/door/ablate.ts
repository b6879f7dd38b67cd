export {
  allOf,
  type Change,
  type Changes,
  grid,
  type MergeRow,
  product,
  type Rows,
  type TunedRow,
  type WeightRow,
} from '../ablate/changes/change.js';
export * from '../ablate/changes/moon2-changes.js';
export * from '../ablate/changes/pretrained-changes.js';
export * from '../ablate/changes/ready-changes.js';
export * from '../ablate/changes/removals.js';
export * from '../ablate/changes/variations.js';
export { addWeightChange, type Trained, type WeightChange, weightChanges } from '../ablate/changes/weight-changes.js';
export { compareStudies, comparisonText } from '../ablate/report/compare-studies.js';
export {
  type DoseRow,
  type DoseSeriesResult,
  doseCurves,
  dosePage,
  doseRows,
  doseTrends,
} from '../ablate/report/dose-table.js';
export { exchangePage, exchangeText, type StudyExchange, studyExchange } from '../ablate/report/exchange.js';
export { studyCsv, studyJson, studyLatex, studyMarkdown } from '../ablate/report/export-table.js';
export { type KeptGains, keptGains, keptGainsText } from '../ablate/report/kept-gains.js';
export { keptCurves, rowCurves, taskCurves } from '../ablate/report/row-curves.js';
export { studyPage, writeTables } from '../ablate/report/study-page.js';
export type { TaskTable } from '../ablate/report/study-table.js';
export { studyText, tableOf } from '../ablate/report/study-text.js';
export { runStudy, type StudyOptions, type StudyRun } from '../ablate/run/run-study.js';
export { readStudyResult, type StudyResult } from '../ablate/run/study-result.js';
export { readyStudies } from '../ablate/studies/ready-studies.js';
export { doseSeries } from '../ablate/studies/series.js';
export { planRows, type Study } from '../ablate/studies/study.js';
export type { StudyData } from '../ablate/studies/study-data.js';
export { readStudyFile } from '../ablate/studies/study-file.js';
