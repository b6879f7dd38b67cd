import { integer, readingFlags, text, toggle, withDefault } from '../flags.js';
import { verb } from '../verb.js';

export const newStudy = verb({
  name: 'new',
  summary:
    'Begin a study of a catalogue: look, map its columns, hold products out, and write study.json and a notebook.',
  arguments: { study: 'folder of the new study' },
  flags: {
    data: { ...text('PATH', 'folder or table of products'), required: true },
    ...readingFlags,
    seed: withDefault(integer('N', 'seed of the split and of queries that are made', { min: 0 }), 1),
    yes: toggle('accept what the header does not say, without questions'),
  },
  reads: ['data'],
  examples: [
    'new studies/shop --data shop.csv --yes',
    'new studies/shop --data export.csv --map title=name,image=photo',
  ],
  async run({ study, ...options }) {
    const { beginStudy } = await import('../new-study.js');
    return beginStudy(study, options);
  },
});
