import { describe, expect, test } from 'vitest';
import { moonLab } from './moon-lab.js';

/** Every refusal is one line that begins with the verb. */
async function refusal(...args: string[]): Promise<string> {
  const { code, out, err } = await moonLab(...args);
  expect([code, out]).toEqual([2, '']);
  expect(err).toMatch(/^moon-lab.*: [^\n]+[.?]\n$/);
  return err.trim();
}
const words = (text: string) => (text ? text.split(' ') : []);

describe('unknown names, with the nearest one', () => {
  test.each([
    ['strat', "moon-lab: unknown command 'strat'; did you mean start?"],
    ['strat --help', "moon-lab: unknown command 'strat'; did you mean start?"],
    ['help strat', "moon-lab: unknown command 'strat'; did you mean start?"],
    ['zzzzzzzz', "moon-lab: unknown command 'zzzzzzzz'; npx moon-lab --help lists what there is."],
    ['data inspct x', "moon-lab data: unknown command 'inspct'; did you mean inspect?"],
    ['start --stepps 3', "moon-lab start: unknown option '--stepps'; did you mean --steps?"],
    ['data fetch x --maxmb 3', "moon-lab data fetch: unknown option '--maxmb'; did you mean --max-mb?"],
    ['train --spilt dev', "moon-lab train: unknown option '--spilt'; did you mean --split?"],
    ['train -x', "moon-lab train: unknown option '-x'; npx moon-lab train --help lists what there is."],
    ['--json', "moon-lab: unknown option '--json'; npx moon-lab --help lists what there is."],
  ])('%s', async (line, message) => expect(await refusal(...words(line))).toBe(message));
});

describe('values that are none', () => {
  test.each([
    ['start --steps abc', '--steps: got "abc", expected an integer of at least 0.'],
    ['start --steps 1.5', '--steps: got "1.5", expected an integer of at least 0.'],
    ['start --steps 0x10', '--steps: got "0x10", expected an integer of at least 0.'],
    ['start --seeds 0', '--seeds: got "0", expected an integer of at least 1.'],
    ['train --every 0', '--every: got "0", expected an integer of at least 1.'],
    ['train --fold -1', '--fold: got "-1", expected an integer of at least 1.'],
    ['train --split valid', '--split: got "valid", expected train | dev | val | test.'],
    ['train --set optimizer.steps', '--set: got "optimizer.steps", expected NAME=VALUE such as optimizer.steps=100.'],
    ['ablate --study paper --threads abc', '--threads: got "abc", expected an integer from 1 to 1024.'],
    ['ablate --study paper --threads 1025', '--threads: got "1025", expected an integer from 1 to 1024.'],
    ['ablate --study paper --workers two', '--workers: got "two", expected an integer from 1 to 1024.'],
    ['ablate --study paper --seeds 1,x', '--seeds: got "1,x", expected integers of at least 0.'],
    ['ablate --study paper --seeds 1,,2', '--seeds: got "1,,2", expected comma-separated values.'],
    ['ablate --study paper --seeds 2,1,2', '--seeds: got "2,1,2", expected each value once, but 2 appears twice.'],
    ['ablate --study paper --seconds 0', '--seconds: got "0", expected a number above 0.'],
    ['ablate --study paper --seconds 1e3', '--seconds: got "1e3", expected a number above 0.'],
    ['ablate --study paper --on moon', '--on: got "moon", expected processes | ray | here.'],
    ['evaluate --run a --size 0', '--size: got "0", expected an integer of at least 1.'],
    ['evaluate --run a --frozen 2', '--frozen: got "2", expected a number from 0 to 1.'],
    ['evaluate --run a --checkpoint first', '--checkpoint: got "first", expected best | last | a step.'],
    ['evaluate --run a --tasks g1,', '--tasks: got "g1,", expected comma-separated values.'],
    ['data fetch x --max-mb much', '--max-mb: got "much", expected an integer of at least 1.'],
    ['data pack a b --side 8', '--side: got "8", expected an integer from 16 to 4096.'],
    ['data pack a b --side 1000000', '--side: got "1000000", expected an integer from 16 to 4096.'],
    ['data inspect x --map titel=name', '--map: got "titel", expected one of id | title'],
  ])('%s', async (line, message) => expect(await refusal(...words(line))).toContain(`: ${message}`));

  test('an empty one', async () => {
    expect(await refusal('train', '--out', '')).toBe('moon-lab train: --out: got "", expected a value.');
    expect(await refusal('data', 'pack', 'a', '')).toBe('moon-lab data pack: TO: got "", expected a value.');
  });
});

describe('flags that are given twice', () => {
  test.each([
    ['train --out a --out b', '--out is given twice; leave one of them out.'],
    ['train --json --json', '--json is given twice; leave one of them out.'],
    ['evaluate --no-controls --no-controls', '--no-controls is given twice; leave one of them out.'],
    ['ablate --study paper --study paper', '--study is given twice; leave one of them out.'],
    ['evaluate --run a --run b --run a', '--run: got "a", expected each value once.'],
    ['train --run a --resume --allow code --allow code', '--allow: got "code", expected each value once.'],
    [
      'train --set seed=1 --set seed=2',
      '--set: got "seed=2", expected seed only once, but it was already given as seed=1.',
    ],
  ])('%s', async (line, message) => expect(await refusal(...words(line))).toContain(`: ${message}`));
});

describe('flags that contradict', () => {
  test.each([
    ['train --run a --resume --out b', "option '--run <RUN>' cannot be used with option '--out <DIR>'."],
    ['train --run a', '--run requires --resume.'],
    ...['--base paper', '--config c.json', '--set seed=1', '--data shop', '--fold 1'].map((given): [string, string] => [
      `train --run a --resume ${given}`,
      `${given.split(' ')[0]}: contradicts --resume, which takes its own from the run; leave it out, or allow a difference with --allow`,
    ]),
    ['train --resume --dry-run', "option '--resume' cannot be used with option '--dry-run'."],
    ['train --allow code', '--allow requires --resume.'],
    ['evaluate --run a --config grocery', "option '--run <RUN>' cannot be used with option '--config <FILE|BASE>'."],
    ['evaluate --config grocery --data x --checkpoint 3', "option '--checkpoint <best|last|STEP>' cannot be used with"],
    ['evaluate --run a --resume', '--resume requires --out <DIR>.'],
    ['ablate --study paper --steps 3 --seconds 4', "option '--steps <N>' cannot be used with option '--seconds <N>'."],
    ['ablate --table --out a --quick', "option '--table' cannot be used with option '--quick'."],
    ['ablate --table --out a --compare b', "option '--table' cannot be used with option '--compare <DIR>'."],
    ['ablate --compare a --out b --seeds 1', "option '--compare <DIR>' cannot be used with option '--seeds <N,...>'."],
    ['ablate --table', '--table requires --out <DIR>.'],
    ['ablate --compare a', '--compare requires --out <DIR>.'],
    ['ablate --trial a --json', "option '--trial <DIR>' cannot be used with option '--json'."],
  ])('%s', async (line, message) => expect(await refusal(...words(line))).toContain(`: ${message}`));
});

describe('what is missing or too much', () => {
  test.each([
    [
      'evaluate',
      '--run: missing; give the folder of a run, --config for an untrained network, or --embeddings for vectors of another model.',
    ],
    ['evaluate --config grocery', '--data: missing; an untrained network of --config needs it.'],
    ['evaluate --embeddings a.npy', '--data: missing; nothing else says which products --embeddings are of.'],
    [
      'evaluate --embeddings a.npy --data b --no-controls',
      "option '--embeddings <FILE>' cannot be used with option '--no-controls'.",
    ],
    [
      'evaluate --run a --size 8 --baseline bm25',
      "option '--baseline <NAME>' cannot be used with option '--size <N>'.",
    ],
    ['compare a', 'SYSTEMS: got 1, expected two or more: runs, files of embeddings, or baselines.'],
    ['compare', "missing required argument 'SYSTEMS'."],
    ['embed --out a.parquet', '--run: missing; give the folder of a run, --model for a frozen encoder, or --config.'],
    ['embed --run a --out a.parquet --shard 5/4', '--shard: got "5/4", expected I/N such as 1/4, from 1 to N.'],
    ['embed --run a --out a.parquet --workers 2', '--workers requires --on ray.'],
    ['ablate --out a --exchange g1.full', '--exchange: got "g1.full", expected two tasks, such as g1.full,g3.full.'],
    ['explain --run a', "required option '--product <ID>' not specified."],
    ['ablate', '--study: missing; give a file, or the name of a ready study such as paper.'],
    ['verify', "missing required argument 'FOLDER'."],
    ['data pack a', "missing required argument 'TO'."],
    ['data inspect a b', "too many arguments for 'inspect'. Expected 1 argument but got 2."],
    ['train --out', "option '--out <DIR>' argument missing."],
  ])('%s', async (line, message) => expect(await refusal(...words(line))).toContain(`: ${message}`));
});

describe('places that cannot be written, before any work', () => {
  test.each([
    ['train --out README.md', '--out: README.md is a file, expected a folder; choose another name.'],
    [
      'train --out README.md/a/b',
      /^--out: README.md\/a\/b cannot be created, since .*README.md is a file; choose another/,
    ],
    [
      'data inspect data/grocery --html data',
      /^--html: data is a folder, expected a file; name one in it, such as data/,
    ],
    ['evaluate --run a --rows README.md/rows', '--rows: README.md is a file, expected a folder; choose another name.'],
    ['data pack data/grocery README.md', 'TO: README.md is a file, expected a folder; choose another name.'],
    ['data pack data/grocery data/grocery/small', /^TO: .* lies inside the data folder data\/grocery; choose a folder/],
    ['data inspect data/grocery --html data/grocery/x.html', /^--html: .* lies inside the data folder data\/grocery;/],
    ['data inspect README.md --html README.md', '--html: README.md is the table of the data; choose another name.'],
    [
      'model get smollm2-135m --cache README.md',
      '--cache: README.md is a file, expected a folder; choose another name.',
    ],
  ])('%s', async (line, message) => {
    const [, said] = (await refusal(...words(line))).split(/^moon-lab [a-z ]+: /);
    if (typeof message === 'string') expect(said).toBe(message);
    else expect(said).toMatch(message);
  });
});
