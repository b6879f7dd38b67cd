import { basename } from 'node:path';
import { wrongOption } from '../../checks/error.js';
import { fillIn } from '../../checks/fill-in.js';
import { boolean, isRecord, oneOf, type Schema } from '../../checks/schema.js';
import { withSettings } from '../../config/check-config.js';
import type { Split } from '../../data/types.js';
import { readConfig } from '../../datasets/bases.js';
import { readJsonFile } from '../../store/json-file.js';
import { type MergedTensors, type MergeOption, mergedTensors } from '../../weights/merge/option.js';
import { allOf, type Change, type Changes, grid, type Row, type Rows, rowsOf } from '../changes/change.js';
import { readyChanges, readyGrids } from '../changes/ready-changes.js';
import { isWeightChange, weightChanges } from '../changes/weight-changes.js';
import type { Study } from './study.js';
import { generatedNames, groceryData, type StudyData } from './study-data.js';

const splitSchema: Schema<Split> = oneOf(['dev', 'val', 'test', 'train'], { help: 'split to evaluate on' });

const names = [
  'name',
  'base',
  'rows',
  'grid',
  'factors',
  'seeds',
  'data',
  'steps',
  'seconds',
  'split',
  'tasks',
  'experts',
  'prediction',
];

/**
 * Read a study from a JSON file: `{ "base": "grocery", "rows": ["withoutRegions", { "name": "short queue", "set": { "negatives": { "temporal":
 * { "size": 16 } } } }, { "name": "both", "changes": ["withoutHard", "withoutTemporal"] },
 * { "name": "half the bytes", "weights": "bfloat16" }, { "name": "photos", "from": "base", "set": { ... }, "steps": 60 },
 * { "name": "merged", "merge": { "kind": "ties" }, "of": ["photos", "words"] }], "grid": { "queueLength": [0, 64] }, "seeds":
 * [1, 2, 3], "steps": 160, "data": "data/grocery" }`. `factors` is a list of ready changes; `data` is a folder, or `{ "shop": { ... } }`;
 * `experts` maps tasks to the rows that were tuned for them.
 * @throws UserError for an unknown name or an invalid value
 */
export function readStudyFile(file: string): Study {
  const given = readJsonFile(file, 'give a JSON file with a study');
  if (!isRecord(given))
    throw wrongOption(file, given, 'a record such as { "base": "grocery", "rows": ["withoutRegions"] }');
  const wrong = Object.keys(given).find((name) => !names.includes(name));
  if (wrong !== undefined) throw wrongOption(file, wrong, `one of ${names.join(' | ')}`);
  const { name = basename(file).replace(/\.json$/, ''), base = 'grocery', rows = [], seeds = [1, 2, 3] } = given;
  const { steps, seconds, split = 'dev', tasks, experts, prediction, data } = given;
  const config = readConfig(typeof base === 'string' ? { base } : base);
  return {
    name: textOf('name', name),
    base: config,
    changes: [...listOf('rows', rows).map((row) => rowOf(row)), ...gridsOf(given.grid)],
    factors: Object.fromEntries(
      rowsOf(listOf('factors', given.factors ?? []).map((name) => ({ [String(name)]: readyChange('factors', name) }))),
    ),
    seeds: listOf('seeds', seeds) as number[],
    data: dataOf(data),
    budget:
      seconds === undefined
        ? { kind: 'items', steps: (steps as number | undefined) ?? config.optimizer.steps }
        : { kind: 'seconds', seconds: seconds as number },
    split: fillIn(splitSchema, split, 'split'),
    ...(tasks === undefined ? {} : { tasks: listOf('tasks', tasks).map((task) => textOf('tasks', task)) }),
    ...(experts === undefined ? {} : { experts: expertsOf(experts) }),
    ...(prediction === undefined ? {} : { prediction: textOf('prediction', prediction) }),
  };
}

function rowOf(row: unknown): Rows {
  if (typeof row === 'string') return { [row]: isWeightChange(row) ? { weights: row } : readyChange('rows', row) };
  if (!isRecord(row))
    throw wrongOption(
      'rows',
      row,
      'the name of a ready change, or { "name": ..., "set" or "changes" or "weights" or "merge": ... }',
    );
  const { name, ...content } = row;
  return { [textOf('rows.name', name)]: contentOf(content) };
}

function contentOf(row: Record<string, unknown>): Row {
  if ('weights' in row) {
    onlyKeys(row, ['weights'], 'weights without set or changes: such a row changes the trained base');
    return { weights: textOf('rows.weights', row.weights) };
  }
  if ('merge' in row) {
    const known = ['merge', 'of', 'tensors', 'otherSeeds'];
    onlyKeys(row, known, 'merge with of, the rows that it merges, and perhaps tensors and otherSeeds');
    const { merge, of, tensors, otherSeeds } = row;
    const rest = {
      ...(tensors !== undefined && { tensors: fillIn(tensorsSchema, tensors, 'rows.tensors') }),
      ...(otherSeeds !== undefined && {
        otherSeeds: fillIn(boolean({ help: 'of other seeds' }), otherSeeds, 'rows.otherSeeds'),
      }),
    };
    return { merge: merge as MergeOption, of: listOf('rows.of', of).map((each) => textOf('rows.of', each)), ...rest };
  }
  onlyKeys(
    row,
    ['set', 'changes', 'from', 'steps'],
    'name, set and changes, perhaps from and steps; or weights; or merge and of',
  );
  const { set, changes = [], from, steps } = row;
  const ready = listOf('rows.changes', changes).map((change) => readyChange('rows.changes', change));
  const own: Change[] = set === undefined ? [] : [(base) => withSettings(base, set)];
  const change = allOf(...ready, ...own);
  if (from === undefined && steps === undefined) return change;
  return {
    ...(from !== undefined && { from: textOf('rows.from', from) }),
    change,
    ...(steps !== undefined && { steps: steps as number }),
  };
}

/** Task -> row. */
function expertsOf(given: unknown): Record<string, string> {
  if (!isRecord(given)) throw wrongOption('experts', given, 'a record such as { "retrieval.image": "photos" }');
  return Object.fromEntries(Object.entries(given).map(([task, row]) => [task, textOf(`experts.${task}`, row)]));
}

function onlyKeys(row: Record<string, unknown>, known: readonly string[], expected: string): void {
  const other = Object.keys(row).find((name) => !known.includes(name));
  if (other !== undefined) throw wrongOption('rows', other, expected);
}

const tensorsSchema: Schema<MergedTensors> = oneOf(mergedTensors, {
  help: 'which tensors merge',
});

function gridsOf(given: unknown): Changes[] {
  if (given === undefined) return [];
  if (!isRecord(given)) throw wrongOption('grid', given, 'a record such as { "queueLength": [0, 64] }');
  return Object.entries(given).map(([name, values]) => {
    if (!Object.hasOwn(readyGrids, name))
      throw wrongOption('grid', name, `one of ${Object.keys(readyGrids).join(' | ')}`);
    // `planRows` checks the values as part of the config.
    return grid(
      name,
      listOf(`grid.${name}`, values),
      readyGrids[name as keyof typeof readyGrids] as (value: unknown) => Change,
    );
  });
}

function readyChange(option: string, name: unknown): Change {
  if (typeof name !== 'string' || !Object.hasOwn(readyChanges, name))
    throw wrongOption(
      option,
      name,
      `one of ${[...Object.keys(readyChanges), ...(option === 'rows' ? weightChanges() : [])].join(' | ')}`,
    );
  return readyChanges[name as keyof typeof readyChanges];
}

function dataOf(given: unknown): StudyData {
  if (given === undefined) return groceryData;
  if (typeof given === 'string') return { kind: 'folder', path: given };
  const names = generatedNames();
  for (const kind of names) {
    const options = isRecord(given) ? given[kind] : undefined;
    if (isRecord(options)) return { kind, options };
  }
  throw wrongOption(
    'data',
    given,
    ['the path of a folder', ...names.map((name) => `{ "${name}": { ... } }`)].join(', or '),
  );
}

function listOf(option: string, value: unknown): unknown[] {
  if (!Array.isArray(value)) throw wrongOption(option, value, 'a list');
  return value;
}

function textOf(option: string, value: unknown): string {
  if (typeof value !== 'string' || !value) throw wrongOption(option, value, 'a text');
  return value;
}
