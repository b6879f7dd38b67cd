import { outFolder, required } from '../flags.js';
import { verb } from '../verb.js';

export const modelConvert = verb({
  name: 'convert',
  summary: 'Write a GGUF network as a Hugging Face folder in float32, which network.from, transformers and peft read.',
  arguments: { path: 'a GGUF file, a folder with one, or the name of a downloaded network' },
  flags: { out: required(outFolder('folder to write, which must not exist')) },
  examples: ['model convert smollm2-135m --out models/smollm2'],
  async run({ path, out }) {
    const { startEngine } = await import('../../engine/engine.js');
    const { convertGguf } = await import('../../models/convert-gguf.js');
    const { folderOfModel } = await import('../../models/get-model.js');
    await startEngine();
    await convertGguf(folderOfModel(path), out);
    console.log(out);
    return 0;
  },
});
