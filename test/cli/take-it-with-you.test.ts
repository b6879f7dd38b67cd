import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openCatalogue } from '../../src/datasets/open.js';
import { readEmbeddingFile } from '../../src/search/files/embedding-file.js';
import { trainRun } from '../../src/train/run/train-run.js';
import { dataFolder, picture } from '../data/data-folder.js';
import { type TestServer, testServer } from '../search/stores/postgres-server.js';
import { shortConfig } from '../train/run/short-run.js';
import { moonLab } from './moon-lab.js';

/** The command lines of the README's section, without `npx moon-lab`. */
function commandsOf(section: string): string[][] {
  const readme = readFileSync('README.md', 'utf8');
  const [, code] = /```\n([\s\S]*?)```/.exec(readme.slice(readme.indexOf(`## ${section}`))) ?? [];
  return code
    .trim()
    .split('\n')
    .map((line) => line.replace('npx moon-lab ', '').split(' '));
}

/** A folder with a shop of few products, and a photo to search with. */
async function shop(data: string): Promise<string> {
  const rows = Array.from(
    { length: 24 },
    (_, at) => `p${at},Cup ${at},p${at}.jpg,q${at}.jpg,${at < 16 ? 'train' : 'val'}`,
  );
  const names = rows.flatMap((_, at) => [`p${at}`, `q${at}`]);
  const photos = await Promise.all(names.map(async (name, at) => [`${data}/${name}.jpg`, await picture(at)] as const));
  const table = ['id,title,image,query_image,split', ...rows].join('\n');
  return dataFolder({ [`${data}/products.csv`]: table, ...Object.fromEntries(photos), 'photo.jpg': photos[40][1] });
}

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(async () => {
  delete process.env.DATABASE_URL;
  await server?.remove();
});

test("the README's way out: embed, search by photo, PostgreSQL and out again, compare", {
  tags: ['postgres'],
  timeout: 120_000,
}, async () => {
  const commands = commandsOf('Take it with you');
  expect(commands.map(([verb]) => verb)).toEqual(['embed', 'search', 'index', 'index', 'compare']);
  const place = await shop('data/grocery');
  const catalogue = await openCatalogue(join(place, 'data/grocery'));
  const { optimizer } = shortConfig;
  const config = { ...shortConfig, captioning: { kind: 'none' }, optimizer: { ...optimizer, steps: 2 } } as const;
  const { encoder } = await trainRun(join(place, 'runs/mine'), config, catalogue);
  encoder.parameters.dispose();
  const here = process.cwd();
  process.env.DATABASE_URL = server.url;
  process.chdir(place);
  try {
    const said: string[] = [];
    for (const command of commands) {
      const { code, out, err } = await moonLab(...command);
      expect(code, `${command.join(' ')}: ${err}`).toBe(0);
      said.push(out);
    }
    const [embedded, found, loaded, read, compared] = said;
    expect(embedded).toContain('runs/mine.parquet: 24 vectors');
    expect(found.match(/^ *\d+ /gm)).toHaveLength(10);
    expect(readFileSync('runs/found.html', 'utf8')).toContain('data:image/');
    expect(loaded).toContain('24 items loaded into postgres:products');
    expect(read).toContain('24 items written to runs/back.parquet');
    const [mine, back] = [await readEmbeddingFile('runs/mine.parquet'), await readEmbeddingFile('runs/back.parquet')];
    const byId = ({ rows }: typeof mine) =>
      new Map(rows.ids.map((id, at) => [id, rows.vectors.slice(at * rows.width, (at + 1) * rows.width)]));
    expect(byId(back)).toEqual(byId(mine));
    expect(compared).toMatch(/runs\/back.parquet .* \+?0\.0 \[0\.0, 0\.0\] +1\.000 +0, 0/);
  } finally {
    process.chdir(here);
  }
});
