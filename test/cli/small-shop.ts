import { smallOptions } from '../config/small-options.js';
import { dataFolder, picture } from '../data/data-folder.js';

/** A dozen products in a table of the benchmark's layout; the last four are the test split. */
export async function smallShop(): Promise<string> {
  const rows = Array.from({ length: 12 }, (_, at) => ({
    id: `p${at}`,
    doc_title: `${['red', 'blue', 'green'][at % 3]} ${['shirt', 'apple'][at % 2]} number ${at}`,
    doc_image: `images/${at}.jpg`,
    doc_cate1_name: ['clothing', 'food'][at % 2],
    doc_attributes: `colour:${['red', 'blue', 'green'][at % 3]}`,
    split: at < 8 ? 'train' : 'test',
  }));
  const images = await Promise.all(rows.map(async (_, at) => [`images/${at}.jpg`, await picture(at)] as const));
  return dataFolder({
    'products.jsonl': rows.map((row) => `${JSON.stringify(row)}\n`).join(''),
    'config.json': JSON.stringify(smallOptions),
    ...Object.fromEntries(images),
  });
}
