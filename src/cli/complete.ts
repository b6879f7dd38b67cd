import { existsSync } from 'node:fs';
import { UserError } from '../checks/error.js';
import { type CompletedProduct, completeCatalogue } from '../complete/complete-catalogue.js';
import { completedTable, tableEnding } from '../complete/completed-table.js';
import { textOfField } from '../complete/field.js';
import { decoder } from '../complete/fillers/decoder.js';
import { neighbour } from '../complete/fillers/neighbour.js';
import { countFound } from '../data/found.js';
import { groupBy } from '../data/group-by.js';
import { preparePixels } from '../encoder/prepare.js';
import { progressBar } from '../notebook/progress.js';
import { writeFileAtomic } from '../store/atomic.js';
import { dataOfRun, openNetworks } from './open-networks.js';
import { refuseInside } from './places.js';
import { foundPrinter } from './print-found.js';

export interface CompleteFlags {
  run: string;
  data?: string;
  field: string;
  by: 'decoder' | 'neighbour';
  tokens: number;
  out: string;
  json: boolean;
}

/** What was filled and what was not, by reason. */
interface CompleteReport {
  products: number;
  missing: number;
  filled: number;
  left: Record<string, number>;
  /** Filled from a description that was cut. */
  cut?: number;
}

/** Fill the missing texts of a catalogue and write all of its products to a new table. @throws UserError for a file that exists */
export async function runComplete({ run, data: given, field, by, tokens, out, json }: CompleteFlags): Promise<void> {
  tableEnding(out);
  if (existsSync(out)) throw new UserError(`--out: ${out} exists, and nothing is overwritten; choose another name.`);
  const data = given ?? dataOfRun(run);
  refuseInside(out, data, '--out');
  const { catalogue, groups } = await openNetworks({ run: [run], data });
  const [encoder] = groups[0].networks;
  const say = json ? console.error : console.log;
  const bar = progressBar();
  try {
    foundPrinter(say)(countFound(catalogue));
    const complete = catalogue.products.filter((product) => textOfField(product, field));
    const filler =
      by === 'decoder'
        ? decoder(encoder, { most: tokens })
        : neighbour(
            encoder,
            complete,
            await preparePixels(encoder.config, { ...catalogue, products: complete, pairs: [] }),
          );
    const completed = await completeCatalogue(encoder, catalogue, field, filler, {
      onProgress: (done, total) => bar.show({ label: `${field} filled`, done, total }),
    });
    bar.end();
    writeFileAtomic(out, completedTable(catalogue.products, completed, { field, by }, out));
    const report = reportOf(catalogue.products.length, completed);
    if (json) console.log(JSON.stringify(report));
    else for (const line of reportLines(report, { field, by, out, most: encoder.config.maxTextTokens })) say(line);
  } finally {
    bar.end();
    encoder.parameters.dispose();
  }
}

function reportOf(products: number, completed: readonly CompletedProduct[]): CompleteReport {
  const reasons = completed.flatMap(({ filled }) => ('none' in filled ? [filled.none] : []));
  const left = Object.fromEntries(
    [...groupBy(reasons, (reason) => reason)].map(([reason, own]) => [reason, own.length]),
  );
  const cut = completed.filter(({ filled }) => 'cut' in filled).length;
  return { products, missing: completed.length, filled: completed.length - reasons.length, left, ...(cut && { cut }) };
}

function reportLines(
  { products, missing, filled, left, cut }: CompleteReport,
  { field, by, out, most }: { field: string; by: string; out: string; most: number },
) {
  return [
    `${missing} of ${products} products have no ${field}; ${filled} filled by the ${by}, marked in the column filled of ${out}`,
    ...(cut ? [`  ${cut} from a description that was cut after ${most} tokens (maxTextTokens)`] : []),
    ...Object.entries(left).map(([reason, count]) => `  ${count} left empty: ${reason}`),
  ];
}
