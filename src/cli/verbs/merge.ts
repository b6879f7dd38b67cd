import { computedDefault, outFolder, required, text, toggle } from '../flags.js';
import { verb } from '../verb.js';

export const merge = verb({
  name: 'merge',
  summary: "Merge networks, runs or LoRA adapters by a recipe in mergekit's format.",
  arguments: { recipe: "YAML file: merge_method, base_model, models with their parameters, or mergekit's slices" },
  flags: {
    out: required(outFolder('folder to write, which must not exist')),
    cache: computedDefault(text('DIR', 'folder of downloaded networks'), "the user's cache"),
    json: toggle('print the report as JSON'),
  },
  reads: ['recipe'],
  examples: ['merge recipe.yml --out models/merged', 'merge recipe.yml --out models/merged --json'],
  async run({ recipe, out, cache, json }) {
    const { merge, mergeLines } = await import('../merge.js');
    const report = await merge(recipe, out, cache);
    console.log(json ? JSON.stringify(report) : mergeLines(report).join('\n'));
    return 0;
  },
});
