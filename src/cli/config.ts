import { parseArgs } from 'node:util';
import { describeOptions, optionsTable } from '../config/describe-options.js';
import { type BaseName, bases } from '../datasets/bases.js';
import type { Command } from './command.js';

/** Every option of a config: its default, what it accepts, what it is. */
export const config: Command = {
  usage: 'config [BASE] [OPTION] [--json]',
  summary:
    'every option with its value in BASE (grocery), its range and one line of help; OPTION such as negatives.temporal: that part',
  async run(args) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean' } },
    });
    const isBase = (name: string): name is BaseName => Object.hasOwn(bases, name);
    const base = positionals.find(isBase) ?? 'grocery';
    const parts = positionals.filter((name) => !isBase(name));
    const shown = parts.length
      ? parts.flatMap((part) => describeOptions(bases[base], part))
      : describeOptions(bases[base]);
    console.log(values.json ? JSON.stringify(shown) : optionsTable(shown, base));
    return 0;
  },
};
