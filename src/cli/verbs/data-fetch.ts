import { whole, withDefault, yes } from '../flags.js';
import { verb } from '../verb.js';

/** Exit code 1 when an image could not be had: the report names it and its row. */
export const dataFetch = verb({
  name: 'fetch',
  summary: 'Download the images that the rows of PATH name by URL; images that are there already stay.',
  arguments: { path: 'folder or table of products' },
  flags: {
    concurrency: withDefault(whole('N', 'downloads at the same time'), 8),
    maxMb: withDefault(whole('N', 'refuse an image of more megabytes'), 20),
    json: yes('print the report as JSON'),
  },
  examples: ['data fetch shop/products.jsonl', 'data fetch shop --concurrency 4 --max-mb 5'],
  async run({ path, concurrency, maxMb, json }) {
    const { readData } = await import('../../datasets/open.js');
    const { fetchImages } = await import('../../data/images/fetch-images.js');
    const { catalogue, remoteImages } = await readData(path);
    const options = { concurrency, maxBytes: maxMb * 1e6, onProgress: showProgress };
    const report = await fetchImages(catalogue.root, remoteImages, options);
    if (json) console.log(JSON.stringify(report));
    else {
      for (const { file, line, url, reason } of report.failed) console.log(`${file}:${line ?? ''} ${url}: ${reason}`);
      const { urls, downloaded, bytes, cached } = report;
      const failed = urls - downloaded - cached;
      const megabytes = (bytes / 1e6).toFixed(1);
      console.log(`${urls} URLs: ${downloaded} downloaded (${megabytes} MB), ${cached} were there, ${failed} failed`);
    }
    return report.failed.length === 0 ? 0 : 1;
  },
});

/** One line that is written over; only for somebody who watches. */
function showProgress(done: number, of: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${of} images${done === of ? '\n' : ''}`);
}
