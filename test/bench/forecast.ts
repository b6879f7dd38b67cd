import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MoonConfig } from '../../src/config/config.js';
import { grocery, paper } from '../../src/datasets/grocery/recipes.js';
import { generateShop } from '../../src/datasets/shop/shop.js';
import { trainVocabulary } from '../../src/encoder/vocabulary.js';
import { startEngine } from '../../src/engine/engine.js';
import { saveTokenizer } from '../../src/text/tokenizer.js';
import { smollm2, smolvlm256m, writeNetwork } from './random-network.js';
import type { Bench, BenchRow } from './table.js';

type Module = typeof import('../../src/train/forecast/forecast.js');

const options = { products: 200, trainQueries: 400, evaluationQueries: 10, imageSize: 64, views: 1 };

/** What a forecast says beside the same run at full size: seconds of an update and the peak memory of the process. */
export const rows: Bench = async ({ part, built }) => {
  await startEngine();
  const { forecast, measureWhole } = await built<Module>('train/forecast/forecast.js');
  const shop = generateShop(options);
  const root = mkdtempSync(join(tmpdir(), 'moon-bench-'));
  const folderOf = (name: string, sizes: object) => {
    const folder = join(root, name);
    const tokenizer = trainVocabulary(shop.products, 1000);
    const image = tokenizer.idOf('<|image_pad|>')!;
    writeNetwork(folder, { ...sizes, ...('image_token_id' in sizes ? { image_token_id: image } : {}) });
    const json = structuredClone(tokenizer.json);
    // The marks of the family in place of those that it does not use.
    const renamed: Record<string, string> = {
      '<|image_pad|>': '<image>',
      '<|vision_start|>': '<fake_token_around_image>',
      '<|vision_end|>': '<global-img>',
    };
    if ('image_token_id' in sizes)
      for (const token of json.added_tokens) token.content = renamed[token.content] ?? token.content;
    saveTokenizer(json, folder);
    return folder;
  };
  const tuned = (name: string, sizes: object, vision: MoonConfig['vision'], more: Partial<MoonConfig>): MoonConfig => ({
    ...grocery,
    network: { from: folderOf(name, sizes) },
    vision,
    attention: 'causal',
    experts: { kind: 'none' },
    auxiliary: { supervised: 0, labels: 0 },
    sampler: { ...grocery.sampler, products: 32 },
    tune: { kind: 'lora' },
    ...more,
  });
  const frozen = { kind: 'onnx', model: 'unused', width: 1280, pool: 3 } as const;
  const few = { sampler: { ...grocery.sampler, products: 2 }, imageSize: 512, views: 'crop' } as const;
  const cases: Record<string, () => MoonConfig> = {
    tiny: () => paper,
    'SmolLM2, 6 blocks': () => tuned('lm6', smollm2(6), frozen, {}),
    'SmolLM2, 30 blocks': () => tuned('lm30', smollm2(30), frozen, {}),
    'SmolVLM-256M': () => tuned('vlm', smolvlm256m, { kind: 'qwen' }, few),
  };
  try {
    const rows: BenchRow[] = [];
    for (const [name, config] of Object.entries(cases).filter(([name]) => !part || name.includes(part))) {
      const given = config();
      const said = await forecast(given, shop);
      const { seconds, opened, updated } = await measureWhole(given, shop);
      const row = (what: string, ours: number, rival: number, unit: string): BenchRow => {
        return { name: `${name}: ${what}`, ours, rival, ratio: ours / rival, unit };
      };
      rows.push(
        row('seconds of a step, forecast / measured', said.secondsPerStep, seconds, 's'),
        row('peak memory, forecast / measured', said.memory / 1e6, Math.max(opened, updated) / 1e6, 'MB'),
      );
    }
    return rows;
  } finally {
    rmSync(root, { recursive: true });
  }
};
