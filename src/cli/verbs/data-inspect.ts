import { computedDefault, outFile, readingFlags, text, toggle } from '../flags.js';
import { refuseInside } from '../places.js';
import { verb } from '../verb.js';

export const dataInspect = verb({
  name: 'inspect',
  summary: 'Show what is in a data folder: products, images, pairs, categories, attributes, and every problem found.',
  arguments: { path: 'folder or table of products' },
  flags: {
    adapter: computedDefault(text('NAME', 'data format, such as table or mbe'), 'detected from the files'),
    ...readingFlags,
    html: outFile('also write a page with pictures and tables'),
    json: toggle('print the inspection as JSON'),
  },
  check({ path, html }) {
    if (html !== undefined) refuseInside(html, path, '--html');
  },
  reads: ['path'],
  examples: ['data inspect data/grocery', 'data inspect shop.csv --map title=name,image=photo --html shop.html'],
  async run({ path, html, json, ...options }) {
    const { readData } = await import('../../datasets/open.js');
    const { inspectReading } = await import('../../datasets/inspect/inspect.js');
    const reading = await readData(path, options);
    const inspection = await inspectReading(reading);
    if (html !== undefined) {
      const { inspectionPage } = await import('../../datasets/inspect/page.js');
      const { writePage } = await import('../../figures/page/write-page.js');
      writePage(html, await inspectionPage(reading.catalogue, inspection));
    }
    const { inspectionText } = await import('../../datasets/inspect/text.js');
    console.log(json ? JSON.stringify(inspection) : inspectionText(inspection));
    return 0;
  },
});
