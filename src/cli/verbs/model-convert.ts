import { computedDefault, outFolder, required, text, toggle } from '../flags.js';
import { verb } from '../verb.js';

export const modelConvert = verb({
  name: 'convert',
  summary: 'Write a GGUF network as a Hugging Face folder in float32, which network.from, transformers and peft read.',
  arguments: { path: 'a GGUF file, a folder with one, or the name of a downloaded network' },
  flags: {
    out: required(outFolder('folder to write, which must not exist')),
    cache: computedDefault(text('DIR', 'folder of downloaded networks'), "the user's cache"),
    json: toggle('print the folder as JSON'),
  },
  examples: ['model convert smollm2-135m --out models/smollm2', 'model convert model.gguf --out models/mine --json'],
  async run({ path, out, cache, json }) {
    const { startEngine } = await import('../../engine/engine.js');
    const { convertGguf } = await import('../../models/convert-gguf.js');
    const { folderOfModel } = await import('../../models/get-model.js');
    await startEngine();
    await convertGguf(folderOfModel(path, cache), out);
    console.log(json ? JSON.stringify({ folder: out }) : out);
    return 0;
  },
});
