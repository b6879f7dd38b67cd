import { parseArgs } from 'node:util';
import { wrongOption } from '../checks/error.js';
import { fetchImages } from '../data/fetch-images.js';
import { readData } from '../datasets/open.js';
import type { Command } from './command.js';
import { wholeNumber } from './whole-number.js';

/** Exit code 1 when an image could not be had: the report names it and its row. */
export const dataFetch: Command = {
  usage: 'data fetch PATH [--json] [--concurrency N] [--max-mb N]',
  summary: 'download the images that the rows of PATH name by URL; what is there already is not asked for again',
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        concurrency: { type: 'string', default: '8' },
        'max-mb': { type: 'string', default: '20' },
      },
    });
    if (positionals.length !== 1) throw wrongOption('data fetch', positionals.join(' '), 'one file or folder');
    const concurrency = wholeNumber('--concurrency', values.concurrency);
    const maxBytes = wholeNumber('--max-mb', values['max-mb']) * 1e6;

    const { catalogue, remoteImages } = await readData(positionals[0]);
    const report = await fetchImages(catalogue.root, remoteImages, { concurrency, maxBytes, onProgress: showProgress });
    if (values.json) console.log(JSON.stringify(report));
    else {
      for (const { file, line, url, reason } of report.failed) console.log(`${file}:${line ?? ''} ${url}: ${reason}`);
      const { urls, downloaded, bytes, cached } = report;
      const failed = urls - downloaded - cached;
      const megabytes = (bytes / 1e6).toFixed(1);
      console.log(`${urls} URLs: ${downloaded} downloaded (${megabytes} MB), ${cached} were there, ${failed} failed`);
    }
    return report.failed.length === 0 ? 0 : 1;
  },
};

/** One line that is written over; only for somebody who watches. */
function showProgress(done: number, of: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${of} images${done === of ? '\n' : ''}`);
}
