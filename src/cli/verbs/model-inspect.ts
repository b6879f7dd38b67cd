import { computedDefault, text, toggle } from '../flags.js';
import { verb } from '../verb.js';

export const modelInspect = verb({
  name: 'inspect',
  summary: 'Show the family, shapes, parameters and number types of a published network, without loading its weights.',
  arguments: { path: 'a Hugging Face folder, a GGUF file, or the name of a downloaded network' },
  flags: {
    cache: computedDefault(text('DIR', 'folder of downloaded networks'), "the user's cache"),
    json: toggle('print it as JSON'),
  },
  examples: ['model inspect models/qwen', 'model inspect smollm2-135m --json'],
  async run({ path, cache, json }) {
    const { folderOfModel } = await import('../../models/get-model.js');
    const { inspectModel, inspectionLines } = await import('../../models/inspect-model.js');
    const inspection = await inspectModel(folderOfModel(path, cache));
    console.log(json ? JSON.stringify(inspection) : inspectionLines(inspection).join('\n'));
    return 0;
  },
});
