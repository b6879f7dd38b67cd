import { once } from 'node:events';
import { closeSync, createWriteStream, openSync } from 'node:fs';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert } from '../../src/checks/error.js';
import { openTable } from '../../src/data/tables/open-table.js';
import { openCatalogue } from '../../src/datasets/open.js';
import { rows as imageRows } from './images.js';
import type { Bench, BenchRow } from './table.js';

const COUNT = 1_000_000;

/** Folders of the image names, each with a thousand. */
const FOLDERS = 1000;

/** Images (see `images`), and rows a second of a JSONL with a million rows, with the memory that reading them takes. */
export const rows: Bench = async (options) => {
  const folder = await mkdtemp(join(tmpdir(), 'moon-bench-'));
  try {
    const file = join(folder, 'test.jsonl');
    await writeProducts(file);
    console.error(`${COUNT} rows, ${((await stat(file)).size / 1e6).toFixed(0)} MB`);
    const read = await measure(async () => {
      let count = 0;
      for await (const { line } of (await openTable(file)).rows(refuse)) count += Number(line > 0);
      return count;
    });
    const opened = await measure(async () => (await openCatalogue(file)).products.length);
    return [
      row('JSONL rows read', COUNT / read.seconds, 'rows/s (more is better)'),
      row('memory while they are read', read.megabytes, 'MB above the start (less is better)'),
      row('JSONL rows to a catalogue', COUNT / opened.seconds, 'rows/s (more is better)'),
      row('memory of the catalogue', opened.megabytes, 'MB above the start (less is better)'),
      ...(await namedImages(join(folder, 'shop'))),
      ...(await imageRows(options)),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** A table of a million rows beside a million empty image files, each found by its name. */
async function namedImages(folder: string): Promise<BenchRow[]> {
  for (let at = 0; at < FOLDERS; at++) {
    const photos = join(folder, 'photos', String(at));
    await mkdir(photos, { recursive: true });
    for (let id = at; id < COUNT; id += FOLDERS) closeSync(openSync(join(photos, `${id}.jpg`), 'w'));
  }
  const stream = createWriteStream(join(folder, 'products.csv'));
  stream.write('id,title,category,colour,material,brand,price,image\n');
  for (let id = 0; id < COUNT; id++) {
    const row = `${id},Mug number ${id},Home > Kitchen > Mugs ${id % 97},colour ${id % 13},material ${id % 7},brand ${id % 500},9.99,${id}.jpg\n`;
    if (!stream.write(row)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
  const { seconds, megabytes } = await measure(async () => {
    const { products } = await openCatalogue(folder);
    return products.filter(({ images }) => images.length === 1).length;
  });
  return [
    row('a table of a million rows with a million image names', seconds, 's (less is better)'),
    row('memory of its catalogue', megabytes, 'MB above the start (less is better)'),
  ];
}

/** Products of the MBE benchmark's fields, about 330 bytes each. */
async function writeProducts(file: string): Promise<void> {
  const stream = createWriteStream(file);
  for (let id = 0; id < COUNT; id++) {
    const product = {
      id: `${id}`,
      doc_title: `不锈钢保温杯 500ml 大容量 型号 ${id}`,
      doc_industry_name: '家居',
      doc_cate1_name: '餐厨',
      doc_cate2_name: '杯子',
      doc_cate3_name: `保温杯 ${id % 997}`,
      doc_attributes: `材质:304不锈钢,,容量:${id % 9}00ml,,颜色:银色!!!黑色`,
    };
    if (!stream.write(`${JSON.stringify(product)}\n`)) await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

/** Seconds, and the most resident memory above that of the start, looked at ten times a second. */
async function measure(read: () => Promise<number>): Promise<{ seconds: number; megabytes: number }> {
  const before = process.memoryUsage.rss();
  let max = before;
  const watch = setInterval(() => {
    max = Math.max(max, process.memoryUsage.rss());
  }, 100);
  const started = performance.now();
  const count = await read();
  const seconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  assert(count === COUNT, `${count} rows of ${COUNT} were read`);
  return { seconds, megabytes: (Math.max(max, process.memoryUsage.rss()) - before) / 1e6 };
}

function refuse(kind: string, line: number | undefined): void {
  assert(false, `${kind} in line ${line} of generated data`);
}

function row(name: string, ours: number, unit: string): BenchRow {
  return { name, ours, rival: null, ratio: null, unit };
}
