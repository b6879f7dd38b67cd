import { computedDefault, text, toggle } from '../flags.js';
import { verb } from '../verb.js';

export const modelList = verb({
  name: 'list',
  summary: 'Show the published networks that are known by name, with licence, size, and whether they are downloaded.',
  flags: {
    cached: toggle('only those that are downloaded'),
    cache: computedDefault(text('DIR', 'folder of downloaded networks'), "the user's cache"),
    json: toggle('print the list as JSON'),
  },
  examples: ['model list', 'model list --cached --json'],
  async run({ cached, cache, json }) {
    const { knownModels } = await import('../../models/known-models.js');
    const { hasModel, modelFolder } = await import('../../models/get-model.js');
    const { alignColumns } = await import('../../figures/plots/align-columns.js');
    const all = knownModels.map(({ source, ...model }) => {
      const folder = hasModel(model.name, cache) ? modelFolder(model.name, cache) : null;
      return { ...model, source: source.kind, folder };
    });
    const shown = all.filter(({ folder }) => !cached || folder !== null);
    if (json) console.log(JSON.stringify(shown));
    else {
      const rows = shown.map(({ name, megabytes, licence, source, folder, what }) => {
        return [name, `${megabytes} MB`, licence, source, folder === null ? 'no' : 'yes', what];
      });
      console.log(alignColumns([['name', 'size', 'licence', 'from', 'downloaded', 'what'], ...rows]).join('\n'));
    }
    return 0;
  },
});
