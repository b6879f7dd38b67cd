import type { Table } from '../figures/figure.js';
import { kernelDisplay } from './kernel.js';
import { type Shown, showLive } from './show.js';

/** A table that grows while it is looked at. */
export interface LiveTable {
  update(table: Table): void;
}

/** In a notebook an output updated in place, in a terminal lines redrawn. A log has no use for it. On standard error. */
export function liveTable(stream: NodeJS.WriteStream = process.stderr): LiveTable {
  let shown: Shown | undefined;
  let lines = 0;
  return {
    update(table) {
      if (kernelDisplay()) {
        if (shown) shown.update(table);
        else shown = showLive(table);
      } else if (stream.isTTY) {
        const wide = Math.max(20, stream.columns ?? 80);
        const text = table.text.split('\n').map((line) => line.slice(0, wide - 1));
        // What a progress bar has on the last line is wiped too; it comes again.
        stream.write(`\r\x1b[K${lines ? `\x1b[${lines}A\x1b[J` : ''}${text.join('\n')}\n`);
        lines = text.length;
      }
    },
  };
}
