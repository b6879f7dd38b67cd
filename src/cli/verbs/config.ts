import { computedDefault, text, toggle } from '../flags.js';
import { verb } from '../verb.js';

export const config = verb({
  name: 'config',
  summary: 'Show the options of a config: the value of each in a base, what it accepts and what it does.',
  optional: { name: 'a group of options such as negatives.temporal, or a base (default: all options)' },
  flags: {
    base: computedDefault(text('NAME', 'base whose values are shown'), 'grocery'),
    json: toggle('print the options as JSON'),
  },
  examples: ['config negatives.temporal', 'config optimizer --base paper --json'],
  async run({ name, base, json }) {
    const { bases } = await import('../../datasets/bases.js');
    const { describeOptions, optionsTable } = await import('../../config/options-table.js');
    const { wrongOption } = await import('../../checks/error.js');
    const isBase = name !== undefined && Object.hasOwn(bases, name);
    if (isBase && base !== undefined)
      throw wrongOption('--base', base, `none, since ${name} is a base already`, 'Leave one of them out.');
    const shown = isBase ? name : (base ?? 'grocery');
    if (!Object.hasOwn(bases, shown)) throw wrongOption('--base', shown, `one of ${Object.keys(bases).join(' | ')}`);
    const options = describeOptions(bases[shown], isBase ? undefined : name);
    console.log(json ? JSON.stringify(options) : optionsTable(options, shown));
    return 0;
  },
});
