import { execFile, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { dataFolder, picture } from '../data/data-folder.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const child = join(root, 'test/cli/engine-child.js');
const fixture = (name: string) => join(root, 'test/fixtures', name);
const engines = ['wasm', 'cpu'];

/** How a command line ended, after how many seconds, and all that it said. */
interface End {
  verb: string;
  code: number | 'thrown';
  said: string;
  seconds: number;
}

/** The smallest network with a convolutional stem and guided experts. */
const config = {
  base: 'grocery',
  network: { size: 'nano', vocabulary: 280, stem: { kind: 'conv', channels: [4, 4] } },
  imageSize: 8,
  maxTextTokens: 4,
  experts: { kind: 'guided', count: 3 },
  sampler: { products: 2 },
  negatives: { spatial: { kind: 'gathered', groups: 1 } },
  // No step of it, but the network may be asked for summaries.
  captioning: { kind: 'captions', fraction: 0, questions: ['summary'] },
  optimizer: { steps: 1, warmUpSteps: 0 },
};

/** A folder with a table of three products, a config and a study of a single row. */
async function workplace(): Promise<string> {
  const splits = ['train', 'train', 'val'];
  const rows = splits.map((split, at) => `${at},cup ${at},Kitchen > Cups,images/${at}.jpg,${split}`);
  const images = await Promise.all(rows.map(async (_, at) => [`shop/images/${at}.jpg`, await picture(at)] as const));
  const { optimizer, ...base } = config;
  return dataFolder({
    'shop/shop.csv': ['id,title,category,image,split', ...rows].join('\n'),
    'config.json': JSON.stringify(config),
    'study.json': JSON.stringify({
      base: { ...base, optimizer: { warmUpSteps: 0 } },
      seeds: [1],
      steps: 1,
      tasks: ['retrieval.text'],
    }),
    'recipe.yml': `merge_method: linear\nmodels: [{ model: ${fixture('llama-folder')}, parameters: { weight: 1 } }]\n`,
    ...Object.fromEntries(images),
  });
}

/** Command lines of every verb; those that need the network or data that no registry offers are refused. */
function linesIn(folder: string, engine: string): string[][] {
  const [shop, run, own, vectors] = ['shop', 'run', 'config.json', 'vectors.jsonl'].map((name) => join(folder, name));
  const trained = ['--config', own, '--data', shop, '--split', 'val'];
  const half = ['--set', 'tune.kind=connector', '--set', 'tune.frozen=bfloat16'];
  const study = ['--study', join(folder, 'study.json'), '--data', shop, '--split', 'val', '--on', 'here'];
  // The network of `start` is not the smallest, so plain JavaScript gets nothing to start on.
  const ofStart = engine === 'cpu' ? fixture('qwen-folder') : shop;
  return [
    ['train', ...trained, '--out', run],
    ['train', '--run', run, '--resume', '--split', 'val'],
    ['train', ...trained, '--out', join(folder, 'half'), ...half],
    ['evaluate', '--run', run, '--no-controls'],
    ['explain', '--run', run, '--product', '1'],
    ['embed', '--run', run, '--out', vectors],
    ['search', '--run', run, '--index', vectors, '--text', 'cup'],
    ['index', '--from', 'postgres:products', '--out', join(folder, 'products.parquet')],
    ['compare', run, 'bm25', '--tasks', 'retrieval.text'],
    ['ablate', ...study, '--out', join(folder, 'study')],
    ['ablate', '--table', '--out', join(folder, 'study')],
    ['start', '--data', ofStart, '--steps', '0', '--quick', '--out', join(folder, 'start')],
    ['new', join(folder, 'began'), '--data', shop, '--yes'],
    ['prune', '--run', run, '--sparsity', '0.5', '--out', join(folder, 'pruned')],
    ['complete', '--run', run, '--field', 'title', '--by', 'neighbour', '--out', join(folder, 'completed.csv')],
    ['summarise', '--run', run, '--tokens', '2', '--out', join(folder, 'summaries.csv')],
    ['merge', join(folder, 'recipe.yml'), '--out', join(folder, 'merged')],
    ['config', 'negatives'],
    ['verify', fixture('qwen-folder')],
    ['data', 'inspect', shop],
    ['data', 'fetch', shop],
    ['data', 'pack', shop, join(folder, 'pack')],
    ['model', 'list'],
    ['model', 'get', 'smolm2'],
    ['model', 'inspect', fixture('llama-folder')],
    ['model', 'convert', join(fixture('llama-folder'), 'tiny.gguf'), '--out', join(folder, 'converted')],
  ];
}

async function ends(engine: string): Promise<{ verbs: string[]; ends: End[] }> {
  const lines = JSON.stringify(linesIn(await workplace(), engine));
  const env = { ...process.env, MOON_ENGINE: engine, MOON_THREADS: '1' };
  const { stdout } = await promisify(execFile)(process.execPath, [child, lines], {
    cwd: root,
    env,
    maxBuffer: 2 ** 26,
  });
  return JSON.parse(stdout);
}

test('every verb works on WASM and in plain JavaScript, or says in one sentence why not', async () => {
  const found = await Promise.all(engines.map(async (engine) => ({ engine, ...(await ends(engine)) })));
  for (const { engine, verbs, ends } of found) {
    const about = (name: string) => ends.filter(({ verb }) => verb.startsWith(name));
    for (const name of verbs) expect(about(name), name).not.toEqual([]);
    for (const { verb, code, said } of ends) {
      const all = `${engine}: ${verb}\n${said}`;
      expect(code, all).toBeTypeOf('number');
      expect(said, all).not.toMatch(/^ {4}at |TensorFlow null/m);
      expect(said.match(/^moon-lab [a-z ]+: .*[.]$/gm) ?? [], all).toHaveLength(code === 0 ? 0 : 1);
    }
    const codes = (name: string) => about(name).map(({ code }) => code);
    expect(codes('train')).toEqual([0, 0, 1]);
    for (const name of [
      'evaluate',
      'explain',
      'embed',
      'search',
      'compare',
      'ablate',
      'complete',
      'summarise',
      'merge',
      'prune',
      'verify',
      'model convert',
    ])
      expect(new Set(codes(name)), name).toEqual(new Set([0]));
    expect(codes('start')).toEqual([engine === 'cpu' ? 1 : 0]);
    expect(about('train')[2].said).toContain(
      `tune.frozen: got "bfloat16", expected 'float32' on the engine ${engine}.`,
    );
  }
});

test.each(engines)('doctor says that %s is slow', (engine) => {
  const env = { ...process.env, MOON_ENGINE: engine };
  const bin = join(root, 'src/setup/bin.js');
  const { status, stdout } = spawnSync(process.execPath, [bin, 'doctor'], { env, encoding: 'utf8' });
  expect([status, stdout]).toEqual([1, expect.stringContaining(`Engine ${engine}: set by MOON_ENGINE`)]);
  expect(stdout).toMatch(new RegExp(`^ {2}engine ${engine}, (?!TensorFlow)`, 'm'));
});
