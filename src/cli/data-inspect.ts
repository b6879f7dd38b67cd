import { parseArgs } from 'node:util';
import { UserError } from '../checks/error.js';
import { parseColumns } from '../data/columns.js';
import { inspectReading } from '../datasets/inspect/inspect.js';
import { inspectionPage } from '../datasets/inspect/page.js';
import { inspectionText } from '../datasets/inspect/text.js';
import { readData } from '../datasets/open.js';
import { writePage } from '../figures/page/write-page.js';
import type { Command } from './command.js';

/** `moon-lab data inspect`: what is in a data folder. */
export const dataInspect: Command = {
  usage: 'data inspect PATH [--json] [--adapter mbe|fashion|grocery|table] [--map title=COLUMN,...] [--html FILE]',
  summary:
    'what is in a data folder: products, images, pairs, categories, attributes, and everything that is wrong with it',
  async run(args) {
    const { positionals, values } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        adapter: { type: 'string' },
        map: { type: 'string' },
        html: { type: 'string' },
      },
    });
    if (positionals.length !== 1) {
      throw new UserError(
        `data inspect: got ${positionals.length} paths, expected one, e.g. \`data inspect data/grocery\`.`,
      );
    }
    const reading = await readData(positionals[0], {
      adapter: values.adapter,
      map: values.map === undefined ? undefined : parseColumns(values.map),
    });
    const inspection = await inspectReading(reading);
    if (values.html) writePage(values.html, await inspectionPage(reading.catalogue, inspection));
    console.log(values.json ? JSON.stringify(inspection) : inspectionText(inspection));
    return 0;
  },
};
