import { parseArgs } from 'node:util';
import { compareStudies, comparisonText } from '../ablate/compare-studies.js';
import { studyJson } from '../ablate/export-table.js';
import { runStudy, type Where } from '../ablate/run-study.js';
import { planRows } from '../ablate/study.js';
import { writeTables } from '../ablate/study-page.js';
import { studyProgress } from '../ablate/study-progress.js';
import { readStudyResult } from '../ablate/study-result.js';
import { studyText, tableOf } from '../ablate/study-text.js';
import { UserError, wrongOption } from '../engine/check.js';
import { liveTable } from '../notebook/live-table.js';
import { progressBar } from '../notebook/progress.js';
import { ablateCell } from './ablate-cell.js';
import { chosenStudy, studyOptions } from './ablate-study.js';
import type { Command } from './command.js';

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
    const study = chosenStudy(values);
    const out = values.out ?? `studies/${study.name}`;
    const on = whereOf(values);
    const say = (text: string) => console.error(text);
    say(`study ${study.name}: split ${study.split}, seeds ${study.seeds.join(', ')}, folder ${out}`);
    if (study.prediction) say(`predicted: ${study.prediction}`);

    const controller = new AbortController();
    const stop = () => {
      say('stopping after the running steps ...');
      controller.abort();
    };
    process.once('SIGINT', stop);
    const bar = progressBar();
    const live = liveTable();
    const progress = studyProgress(planRows(study).length * study.seeds.length);
    const redraw = () => {
      const result = readStudyResult(out, { draws: 500, flips: 1000 });
      if (result.tables.length) live.update(tableOf(result, result.tables[0]));
    };
    try {
      const run = await runStudy(study, {
        out,
        on,
        allow,
        signal: controller.signal,
        onProgress: (cell, told) => bar.show(progress.tell(cell, told)),
        onEnd: ({ row, seed }, outcome) => {
          bar.show(progress.end({ row, seed }));
          if (outcome.kind === 'found') return;
          const why = outcome.kind === 'failed' ? `: ${outcome.why}` : '';
          say(`\n${row}, seed ${seed}: ${outcome.kind}${why}`);
          if (outcome.kind === 'finished') redraw();
        },
      });
      bar.end();
      writeTables(run);
      const failed = run.failed.map(({ row, seed, why }) => `failed: ${row}, seed ${seed}: ${why}`);
      console.log(
        json ? JSON.stringify({ ...studyJson(run), failed: run.failed }) : [studyText(run), ...failed].join('\n'),
      );
      say(`tables and page: ${out}`);
      return run.unfinished.length ? 1 : 0;
    } finally {
      process.removeListener('SIGINT', stop);
    }
  },
};

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
