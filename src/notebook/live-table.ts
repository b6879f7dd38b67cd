import type { Table } from '../figures/figure.js';
import { kernelDisplay } from './kernel.js';
import { type Shown, showLive } from './show.js';

/** A table on display that newer versions replace. */
export interface LiveTable {
  update(table: Table): void;
}

/**
 * Display a table that is updated in place: as the output of a notebook cell, or as redrawn lines of a terminal. Writes nothing to a log
 * file.
 * @param stream of the terminal; standard error by default
 */
export function liveTable(stream: NodeJS.WriteStream = process.stderr): LiveTable {
  let shown: Shown | undefined;
  let lines = 0;
  return {
    update(table) {
      if (kernelDisplay()) {
        if (shown) shown.update(table);
        else shown = showLive(table);
      } else if (stream.isTTY) {
        const width = Math.max(20, stream.columns ?? 80);
        const text = table.text.split('\n').map((line) => line.slice(0, width - 1));
        // This also erases a progress bar on the last line; the bar redraws itself.
        stream.write(`\r\x1b[K${lines ? `\x1b[${lines}A\x1b[J` : ''}${text.join('\n')}\n`);
        lines = text.length;
      }
    },
  };
}
