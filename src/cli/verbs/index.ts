import { UserError } from '../../checks/error.js';
import { computedDefault, outFile, text, toggle } from '../flags.js';
import { verb } from '../verb.js';

export const index = verb({
  name: 'index',
  summary: 'Load embeddings into PostgreSQL (DATABASE_URL) or LanceDB, or read them out into a file.',
  flags: {
    embeddings: text('FILE', 'file of embeddings or folder of a run, whose items are added or replaced'),
    to: text('STORE', 'where they are loaded: postgres:TABLE or lance:FOLDER'),
    data: computedDefault(
      text('PATH', 'folder or table of the products, whose titles, categories and attributes become fields'),
      'the data of the run',
    ),
    from: text('STORE', 'read all items of postgres:TABLE or lance:FOLDER'),
    out: outFile('write what is read into this .parquet, .safetensors, .npy or .jsonl'),
    json: toggle('print the number of items as JSON'),
  },
  conflicts: { from: ['embeddings', 'to', 'data'] },
  needs: { embeddings: 'to', to: 'embeddings', from: 'out', out: 'from' },
  check({ embeddings, to, from }) {
    if (embeddings === undefined && from === undefined)
      throw new UserError('index: give --embeddings with --to, or --from with --out.');
    for (const [flag, store] of Object.entries({ to, from }))
      if (store !== undefined && !/^(postgres|lance):./.test(store))
        throw new UserError(`--${flag}: got '${store}', expected postgres:TABLE or lance:FOLDER.`);
  },
  reads: ['embeddings', 'data'],
  examples: [
    'index --embeddings runs/start/seed-1 --to postgres:products',
    'index --from postgres:products --out products.parquet',
  ],
  async run(values) {
    await (await import('../index-embeddings.js')).indexEmbeddings(values);
    return 0;
  },
});
