import { integer, toggle, withDefault } from '../flags.js';
import { verb } from '../verb.js';

/** Exit code 1 if a download failed. The report lists each failure with its row. */
export const dataFetch = verb({
  name: 'fetch',
  summary: 'Download the images that PATH names by URL; images that were downloaded before are kept.',
  arguments: { path: 'folder or table of products' },
  flags: {
    concurrency: withDefault(integer('N', 'number of parallel downloads', { min: 1, max: 256 }), 8),
    maxMb: withDefault(integer('N', 'maximum size of an image in megabytes'), 20),
    json: toggle('print the report as JSON'),
  },
  reads: ['path'],
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
      console.log(
        `${urls} URLs: ${downloaded} downloaded (${megabytes} MB), ${cached} already present, ${failed} failed`,
      );
    }
    return report.failed.length === 0 ? 0 : 1;
  },
});

/** Redraws one line in a terminal; prints nothing into a log. */
function showProgress(done: number, of: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${of} images${done === of ? '\n' : ''}`);
}
