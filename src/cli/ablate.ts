import { parseArgs } from 'node:util';
import { compareStudies, comparisonText } from '../ablate/report/compare-studies.js';
import { studyJson } from '../ablate/report/export-table.js';
import { writeTables } from '../ablate/report/study-page.js';
import { studyText } from '../ablate/report/study-text.js';
import type { StudyOptions, StudyRun, Where } from '../ablate/run/run-study.js';
import { readStudyResult } from '../ablate/run/study-result.js';
import { doseSeries } from '../ablate/studies/dose-studies.js';
import type { Study } from '../ablate/studies/study.js';
import { UserError, wrongOption } from '../checks/error.js';
import { watchStudy } from '../notebook/watch-study.js';
import { ablateDose } from './ablate-dose.js';
import { asSaid, chosenStudy, studyOptions } from './ablate-study.js';
import { ablateCell } from './ablate-trial.js';
import type { Command } from './command.js';
import { foundTeller } from './say-found.js';

/** `moon-lab ablate`: named changes of a base, seeds, one table with what could and could not be distinguished. */
export const ablate: Command = {
  usage:
    'ablate --study FILE|paper|factorial|experts|negatives|dose-clutter|... [--out DIR] [--quick] [--rows NAME,...] [--seeds 1,2,3] [--steps N | --seconds N] [--split dev|val] [--tasks NAME,...] [--data PATH] [--on processes|ray|here] [--workers N] [--threads N] [--python PATH] [--address ADDRESS] [--allow NAME ...] [--table] [--compare DIR] [--json]',
  summary:
    'train a base and named changes of it with several seeds, and say what could be distinguished; the same command goes on',
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        ...studyOptions,
        out: { type: 'string' },
        on: { type: 'string', default: 'processes' },
        workers: { type: 'string' },
        threads: { type: 'string' },
        python: { type: 'string' },
        address: { type: 'string' },
        allow: { type: 'string', multiple: true, default: [] },
        table: { type: 'boolean', default: false },
        compare: { type: 'string' },
        cell: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const { table, compare, cell, json, allow } = values;
    if (cell !== undefined) return ablateCell(cell);
    if (compare !== undefined) {
      if (values.out === undefined) throw wrongOption('--out', values.out, 'the folder of a study, beside --compare');
      const comparison = compareStudies(readStudyResult(values.out), readStudyResult(compare));
      console.log(json ? JSON.stringify(comparison) : comparisonText(comparison));
      return 0;
    }
    if (table) {
      if (values.out === undefined) throw wrongOption('--out', values.out, 'the folder of a study, beside --table');
      const result = readStudyResult(values.out);
      writeTables(result);
      console.log(json ? JSON.stringify(studyJson(result)) : studyText(result));
      return result.unfinished.length ? 1 : 0;
    }
    const on = whereOf(values);
    const controller = new AbortController();
    const stop = () => {
      console.error('stopping after the running steps ...');
      controller.abort();
    };
    process.once('SIGINT', stop);
    const { signal } = controller;
    const run = (study: Study, out: string) => watched(study, { out, on, allow, signal });
    try {
      const series = values.study === undefined ? undefined : doseSeries[values.study];
      if (series) {
        const change = (study: Study) => asSaid(study, values);
        return await ablateDose(series, values.out ?? `studies/${series.name}`, json, run, change);
      }
      const study = chosenStudy(values);
      const result = await run(study, values.out ?? `studies/${study.name}`);
      const failed = result.failed.map(({ row, seed, why }) => `failed: ${row}, seed ${seed}: ${why}`);
      console.log(
        json
          ? JSON.stringify({ ...studyJson(result), failed: result.failed })
          : [studyText(result), ...failed].join('\n'),
      );
      return result.unfinished.length ? 1 : 0;
    } finally {
      process.removeListener('SIGINT', stop);
    }
  },
};

/** Run a study and say on standard error what it is and how its cells ended. */
async function watched(study: Study, options: StudyOptions): Promise<StudyRun> {
  console.error(`study ${study.name}: split ${study.split}, seeds ${study.seeds.join(', ')}, folder ${options.out}`);
  if (study.prediction) console.error(`predicted: ${study.prediction}`);
  return watchStudy(study, {
    ...options,
    onFound: foundTeller(console.error),
    onEnd({ row, seed }, outcome) {
      // On a terminal the table that grows tells it, and would be drawn over these lines.
      if (outcome.kind === 'found' || process.stderr.isTTY) return;
      console.error(`\n${row}, seed ${seed}: ${outcome.kind}${outcome.kind === 'failed' ? `: ${outcome.why}` : ''}`);
    },
  });
}

function whereOf(values: { on: string; workers?: string; threads?: string; python?: string; address?: string }): Where {
  const { python, address } = values;
  const whole = (name: 'workers' | 'threads') => {
    const text = values[name];
    if (text === undefined) return undefined;
    if (!/^[1-9]\d*$/.test(text)) throw wrongOption(`--${name}`, text, 'a whole number of at least 1');
    return Number(text);
  };
  if (values.on === 'here') return { kind: 'here' };
  if (values.on === 'ray') return { kind: 'ray', python, address, threads: whole('threads') };
  if (values.on === 'processes') return { kind: 'processes', workers: whole('workers'), threads: whole('threads') };
  if (python) throw new UserError('--python: is for --on ray.');
  throw wrongOption('--on', values.on, 'processes | ray | here');
}
