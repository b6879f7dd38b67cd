import { smallOptions } from '../config/small-options.js';
import { dataFolder, picture } from '../data/data-folder.js';

/**
 * A CSV of ten products in `shop.csv`, each with a title of its own and an image `photos/<n>.jpg`; the last two ask in `test`.
 * @param images which of those files are there: as a picture, or as bytes that are none
 */
export async function smallTable(images: (at: number) => 'picture' | 'broken' | 'none'): Promise<string> {
  const rows = Array.from({ length: 10 }, (_, at) => {
    const colour = ['red', 'blue', 'green'][at % 3];
    return `p${at},${colour} mug number ${at},Kitchen > Mugs,photos/${at}.jpg,${colour},${at < 8 ? 'train' : 'test'}`;
  });
  const files: Record<string, string | Uint8Array> = {};
  for (const at of rows.keys()) {
    const kind = images(at);
    if (kind !== 'none') files[`photos/${at}.jpg`] = kind === 'picture' ? await picture(at) : 'not an image';
  }
  return dataFolder({
    'shop.csv': ['id,title,category,image,colour,split', ...rows].join('\n'),
    'config.json': JSON.stringify(smallOptions),
    ...files,
  });
}
