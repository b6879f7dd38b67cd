import { UserError, wrongOption } from '../../checks/error.js';
import {
  choice,
  computedDefault,
  flag,
  integer,
  outFile,
  required,
  split,
  text,
  toggle,
  withDefault,
} from '../flags.js';
import { verb } from '../verb.js';

export const embed = verb({
  name: 'embed',
  summary:
    'Embed a catalogue by a run or a frozen encoder into Parquet, safetensors, npy or JSON Lines; the same command resumes.',
  flags: {
    run: text('RUN', 'folder of the run whose network embeds'),
    config: text('FILE|BASE', 'an untrained network of this config instead, such as a published one (network.from)'),
    model: text('NAME', 'a frozen encoder instead: minilm (titles), efficientnet-lite0, efficientnet-lite2 (pictures)'),
    data: computedDefault(text('PATH', 'folder or table of products'), 'the data of the run'),
    out: required(outFile('file of the products; its ending says how: .parquet, .safetensors, .npy or .jsonl')),
    queries: split('embed the queries of this split too, into NAME.queries beside --out'),
    shard: flag('I/N', 'compute the I-th of N shares alone; afterwards the command without --shard joins them', shard),
    on: withDefault(choice(['here', 'ray'], 'where the parts are computed'), 'here'),
    workers: computedDefault(integer('N', 'shares of the work, with --on ray'), '4'),
    python: computedDefault(text('PATH', 'a Python with ray installed'), 'python3'),
    address: computedDefault(text('ADDRESS', 'address of a running Ray cluster'), 'a new cluster on this machine'),
    json: toggle('print what was written as JSON'),
  },
  conflicts: { run: ['config', 'model'], config: ['model'] },
  check({ run, config, model, data, on, shard, workers, python, address }) {
    if (run === undefined && config === undefined && model === undefined)
      throw new UserError('--run: missing; give the folder of a run, --model for a frozen encoder, or --config.');
    if (run === undefined && data === undefined)
      throw new UserError('--data: missing; without a run nothing says which products to embed.');
    const ofRay = Object.entries({ workers, python, address }).find(([, value]) => value !== undefined);
    if (on !== 'ray' && ofRay) throw new UserError(`--${ofRay[0]} requires --on ray.`);
    if (on === 'ray' && shard) throw new UserError('--shard: --on ray makes shards of its own; leave one of them out.');
  },
  reads: ['data'],
  examples: [
    'embed --run runs/start/seed-1 --out products.parquet --queries val',
    'embed --model minilm --data shop --out titles.npy --shard 1/4',
  ],
  async run(values) {
    await (await import('../embed.js')).runEmbed(values);
    return 0;
  },
});

function shard(given: string, name: string): { index: number; of: number } {
  const [, one, all] = /^(\d+)\/(\d+)$/.exec(given) ?? [];
  const [index, of] = [Number(one) - 1, Number(all)];
  if (!(of >= 1 && index >= 0 && index < of)) throw wrongOption(name, given, 'I/N such as 1/4, from 1 to N');
  return { index, of };
}
