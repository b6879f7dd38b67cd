import { appendFileSync, cpSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withSettings } from '../../src/config/check-config.js';
import { publishedParts } from '../../src/encoder/published-parts.js';
import { shortConfig } from '../train/run/short-run.js';

test('a run depends on the files of every published network that its config names, in folders and alone', async () => {
  const root = mkdtempSync(join(tmpdir(), 'moon-parts-'));
  for (const name of ['bert-tiny', 'colours', 'llama-folder'])
    cpSync(`test/fixtures/${name}`, join(root, name), { recursive: true });
  const eyes = join(root, 'colours', 'model.onnx');
  const config = withSettings(shortConfig, {
    text: { kind: 'frozen', model: join(root, 'bert-tiny'), width: 12 },
    vision: { kind: 'onnx', model: join(root, 'colours'), width: 3 },
    region: { kind: 'segmentation', model: eyes },
    ocr: { kind: 'paddle', model: 'not there' },
    captioning: { kind: 'none' },
  });
  const before = await publishedParts(config);
  expect(Object.keys(before).toSorted()).toEqual(['region.model', 'text.model', 'vision.model']);
  expect(await publishedParts(config)).toEqual(before);
  appendFileSync(join(root, 'bert-tiny', 'config.json'), '\n');
  const after = await publishedParts(config);
  expect(after['text.model']).not.toBe(before['text.model']);
  expect({ ...after, 'text.model': '' }).toEqual({ ...before, 'text.model': '' });
  appendFileSync(eyes, 'x');
  const later = await publishedParts(config);
  for (const setting of ['region.model', 'vision.model']) expect(later[setting]).not.toBe(before[setting]);
  const start = withSettings(shortConfig, {
    network: { from: join(root, 'llama-folder') },
    vision: { kind: 'onnx', model: eyes },
  });
  expect(Object.keys(await publishedParts(start))).toEqual(['network.from', 'vision.model']);
  expect(await publishedParts(shortConfig)).toEqual({});
});
