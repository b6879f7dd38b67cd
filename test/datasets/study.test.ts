import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openCatalogue } from '../../src/datasets/open.js';
import { planStudy, type StudyPlan, writeStudy } from '../../src/datasets/study/plan-study.js';
import { dataFolder, picture } from '../data/data-folder.js';

/** 30 products, two pictures of every third; products 0 and 10 show one picture. */
async function export30(): Promise<Record<string, string | Buffer>> {
  const files: Record<string, string | Buffer> = {};
  const rows = ['Artikelnummer;Bezeichnung;Warengruppe;Farbe;Preis'];
  for (let at = 0; at < 30; at++) {
    rows.push(`${at};Tasse Nr. ${at};Haus > Küche;${['rot', 'blau'][at % 2]};9,99`);
    files[`fotos/${at}.png`] = await picture(at === 10 ? 1 : at + 1, 'png');
    if (at % 3 === 0) files[`fotos/${at}_2.png`] = await picture(100 + at, 'png');
  }
  return { ...files, 'export.csv': Buffer.from(rows.join('\n'), 'latin1') };
}

describe('a study of an export', () => {
  let data: string;
  let folder: string;
  let plan: StudyPlan;
  beforeAll(async () => {
    data = mkdtempSync(join(tmpdir(), 'moon-export-'));
    for (const [name, content] of Object.entries(await export30())) {
      mkdirSync(dirname(join(data, name)), { recursive: true });
      writeFileSync(join(data, name), content);
    }
    folder = join(mkdtempSync(join(tmpdir(), 'moon-study-')), 'study');
    plan = await planStudy(data, { seed: 1 });
    await writeStudy(folder, plan);
  });

  test('is opened as it was planned, by its file or its folder', async () => {
    for (const path of [join(folder, 'study.json'), folder]) {
      const { products, pairs, duplicates, queriesFrom } = await openCatalogue(path);
      expect([products, pairs, duplicates]).toEqual([plan.catalogue.products, plan.catalogue.pairs, [['0', '10']]]);
      expect(queriesFrom).toBe('other pictures and attribute phrases');
    }
  });

  test('holds products out, near-duplicates together, and no picture is query and product', () => {
    const { products, pairs } = plan.catalogue;
    const splitOf = new Map<string, string>();
    for (const { product, split } of pairs) {
      expect(splitOf.get(product) ?? split).toBe(split);
      splitOf.set(product, split);
    }
    expect(new Set(splitOf.values())).toEqual(new Set(['train', 'dev', 'val']));
    expect(splitOf.get('0')).toBe(splitOf.get('10'));
    const shown = new Set(products.flatMap(({ images }) => images.map(({ id }) => id)));
    for (const { query, split } of pairs)
      if (query.image && split !== 'train') expect(shown).not.toContain(query.image.id);
    expect(pairs.filter(({ query }) => query.image).length).toBe(10);
    expect(pairs.find(({ query }) => query.id === '1/phrase')?.query.text).toBe('blau Küche');
  });

  test('refuses settings that it does not know, products that it has not split, and flags that it has itself', async () => {
    const file = join(folder, 'study.json');
    const good = readFileSync(file, 'utf8');
    const opened = (changes: object) => {
      writeFileSync(file, JSON.stringify({ ...JSON.parse(good), ...changes }));
      return openCatalogue(file).finally(() => writeFileSync(file, good));
    };
    await expect(opened({ sede: 3 })).rejects.toThrow('sede is unknown (known here: data, map');
    await expect(opened({ queries: 'some' })).rejects.toThrow('queries: got "some", expected own | made.');
    await expect(openCatalogue(file, { encoding: 'utf-8' })).rejects.toThrow('--encoding: ');
    const more = join(data, 'export.csv');
    const rows = readFileSync(more);
    writeFileSync(more, Buffer.concat([rows, Buffer.from('\n99;Neue Tasse;Haus;rot;1')]));
    await expect(openCatalogue(file)).rejects.toThrow('split: product "99" is not in the split.');
    writeFileSync(more, rows);
    rmSync(join(folder, 'split.json'));
    await expect(openCatalogue(file)).rejects.toThrow('expected a file that writeSplit wrote');
  });
});

test('a log of queries is kept; texts alone give a config without pictures; a header that says nothing is asked about', async () => {
  const rows = Array.from({ length: 12 }, (_, at) => `${at},Cup ${at},cup number ${at},${at < 9 ? 'train' : 'test'}`);
  const own = await planStudy(dataFolder({ 'log.csv': `id,title,query,split\n${rows.join('\n')}\n` }), { seed: 1 });
  expect([own.study.queries, own.split, own.unsure]).toEqual(['own', undefined, [{ field: 'image', columns: [] }]]);
  expect(own.config).toMatchObject({ vision: { kind: 'none' }, region: { kind: 'none' } });
  const strange = await planStudy(
    dataFolder({ 'x.csv': `a,b\n${rows.map((_, at) => `${at % 3},${at % 4}`).join('\n')}\n` }),
    { seed: 1 },
  );
  expect(strange.unsure.map(({ field, columns }) => [field, columns])).toEqual([
    ['id', ['a', 'b']],
    ['title', ['a', 'b']],
    ['image', ['a', 'b']],
  ]);
  await expect(planStudy(dataFolder({ 'x.csv': 'id,title\n1,Cup\n' }), { seed: 1 })).rejects.toThrow(
    'has 1 product; a study needs at least 10',
  );
});
