import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dataFolder, picture } from '../data/data-folder.js';
import { moonLab } from './moon-lab.js';

/** The command lines of a paragraph of the README, without `npx moon-lab`. */
function commandsOf(start: string): string[][] {
  const readme = readFileSync('README.md', 'utf8');
  const paragraph = readme.slice(readme.indexOf(start)).split('\n\n')[0];
  return [...paragraph.matchAll(/`npx moon-lab ([^`]+)`/g)].map(([, line]) => line.split(' '));
}

/** A fresh export with a folder of images that no column names, in German. */
async function shop(): Promise<Record<string, string | Uint8Array>> {
  const rows = Array.from(
    { length: 40 },
    (_, at) => `${at};Tasse Nr. ${at};Haus > Küche;${['rot', 'blau'][at % 2]};9,99`,
  );
  const photos = await Promise.all(
    rows
      .flatMap((_, at) => [`${at}`, ...(at % 2 ? [] : [`${at}_2`])])
      .map(async (name, at) => [`shop/fotos/${name}.jpg`, await picture(at)] as const),
  );
  const table = ['Artikelnummer;Bezeichnung;Warengruppe;Farbe;Preis', ...rows].join('\r\n');
  return { 'shop/export.csv': Buffer.from(table, 'latin1'), ...Object.fromEntries(photos) };
}

test("the README's three commands for one's own catalogue, and the notebook", {
  timeout: 120_000,
  tags: ['built'],
}, async () => {
  const [begin, train, evaluate, ...more] = commandsOf('Your own catalogue');
  expect([begin, train, evaluate].map(([verb]) => verb)).toEqual(['new', 'train', 'evaluate']);
  expect(more).toEqual([]);
  const place = dataFolder(await shop());
  const here = process.cwd();
  process.chdir(place);
  try {
    const began = await moonLab(...begin);
    expect(began.out).toContain('products: 40; 40 with image, 40 with title');
    expect(began.out).toContain(
      'made from other pictures and attribute phrases: the data have no queries of their own',
    );
    expect(began.code).toBe(0);
    const few = [
      'network.size=nano',
      'imageSize=32',
      'optimizer.steps=2',
      'optimizer.warmUpSteps=1',
      'sampler.products=4',
      'engine.compile=false',
    ];
    const trained = await moonLab(...train, ...few.flatMap((setting) => ['--set', setting]));
    expect([trained.code, trained.err]).toEqual([0, expect.not.stringContaining('missing')]);
    const measured = await moonLab(...evaluate, '--json');
    const { tasks, found } = JSON.parse(measured.out);
    expect(found.images).toMatchObject({ found: 60, missing: 0 });
    expect(tasks.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['retrieval.image', 'retrieval.text']),
    );
    expect((await moonLab(...evaluate)).out).toContain('queries: made from other pictures and attribute phrases');
    // A project of one's own has moon-lab among its packages.
    mkdirSync('node_modules');
    symlinkSync(here, join('node_modules', 'moon-lab'));
    const env = { ...process.env, MOON_STEPS: '2', MOON_PICTURES: 'none' };
    const ran = spawnSync(process.execPath, [join(here, 'test/notebooks/run.js'), 'study.ipynb'], {
      cwd: join('studies', 'shop'),
      env,
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
    });
    expect([ran.status, ran.output[3]]).toEqual([0, expect.stringContaining('Retrieval of 40 products')]);
    expect((await moonLab(...begin)).err).toContain('has a study.json already; choose another folder');
  } finally {
    process.chdir(here);
  }
});
