import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { afterAll, expect, test } from 'vitest';
import * as line from '../src/cli/main.js';
import { saveResults } from '../src/cli/run-results.js';
import { generateShop } from '../src/datasets/shop/shop.js';
import { trainRun } from '../src/train/run/train-run.js';
import { shortConfig } from './train/run/short-run.js';

const pages = ['README.md', 'notebooks/results/README.md', 'src/README.md', 'src/evaluate/README.md'];
const readme = readFileSync('README.md', 'utf8');

/** The fenced blocks of one language. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, code]) => code);
}

/** A folder outside of the clone where `moon-lab` is installed by its path, as npm does it. */
const project = mkdtempSync(join(tmpdir(), 'moon-readme-'));
mkdirSync(join(project, 'node_modules'));
symlinkSync(resolve('.'), join(project, 'node_modules/moon-lab'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

const commands = pages.flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/^(?:\| `)?(npx moon-lab [^`\n]+)/gm)].map(([, command]) => [
    page,
    command.trim(),
  ]),
);

test.each(commands)('%s: the command line understands %s', (_, command) => {
  const own = command
    .split(' ')
    .slice(2)
    .filter((word) => word !== '...');
  if (['bench', 'docs', 'doctor', 'setup'].includes(own[0]))
    return expect(readFileSync('src/setup/verbs.js', 'utf8')).toContain(`name: '${own[0]}'`);
  let understood = false;
  const words = own.map((word) => word.replace(/^(paper)\|.*$/, '$1'));
  const choose = () => {
    understood = true;
  };
  line.moonLab(choose).parse(words, { from: 'user' });
  expect(understood).toBe(true);
});

test('every file that the pages name is there', () => {
  for (const page of pages) {
    const text = readFileSync(page, 'utf8');
    const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link]) => join(dirname(page), link));
    const files = [
      ...text.matchAll(/`((?:src|test|notebooks|data)\/(?!losses\/my-)[\w/.-]+\.(?:ts|md|json|py|js))`/g),
    ].map(([, file]) => file);
    for (const file of [...links, ...files]) expect(existsSync(file), `${page}: ${file}`).toBe(true);
  }
});

test('the page is short', () => {
  expect(readme.split('\n').length).toBeLessThanOrEqual(150);
});

test('the first lines of a notebook run', { tags: ['built'], timeout: 300_000 }, () => {
  const [code] = blocks('ts');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(join(project, 'notebook.mjs'), ts.transpileModule(code, { compilerOptions }).outputText);
  const { stdout, stderr, status } = spawnSync(process.execPath, ['notebook.mjs'], {
    cwd: project,
    encoding: 'utf8',
    env: { ...process.env, MOON_STEPS: '2' },
  });
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/Retrieval of 81 products by 393 photos/);
});

test('the script embeds three pictures and finds the ten nearest products, in a project elsewhere', {
  tags: ['built'],
  timeout: 300_000,
}, async () => {
  const [code] = blocks('js');
  writeFileSync(join(project, 'embed.mjs'), code);
  const shop = generateShop({ products: 16, imageSize: 32, views: 1, trainQueries: 40, evaluationQueries: 4 });
  const run = join(project, 'run');
  const made = await trainRun(run, { ...shortConfig, optimizer: { ...shortConfig.optimizer, steps: 2 } }, shop);
  await saveResults(run, made, shop, 'val');
  made.encoder.parameters.dispose();
  const photos = ['colours.png', 'detail.png', 'colours.png'].map((name) => resolve('test/fixtures/images', name));
  const { stdout, stderr, status } = spawnSync(process.execPath, ['embed.mjs', 'run', ...photos], {
    cwd: project,
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  for (const photo of photos) expect(stdout).toContain(photo);
  expect(stdout.match(/similarity/g)).toHaveLength(30);
});
