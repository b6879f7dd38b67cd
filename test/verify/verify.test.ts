import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countLeaks } from '../../src/engine/memory.js';
import { verifyFolder } from '../../src/verify/verify.js';
import { folder } from '../backbones/folder.js';
import { moonLab } from '../cli/moon-lab.js';
import { sharedData } from '../needs.js';

describe('verifyFolder', () => {
  it('finds what transformers computed: hub form, untied, three key-value heads, bfloat16 shards', async () => {
    const { result, leaked } = await countLeaks(() => verifyFolder(folder));
    expect(result.checks.filter((check) => !check.ok)).toEqual([]);
    expect(result.checks.length).toBe(26);
    expect(leaked).toBe(0);
  });

  it.each([
    ['Qwen3-VL: untied, attention biases, another head width, one deepstack block', 'qwen3-vl-folder', 29],
    ['SmolVLM: image splitting, a pixel shuffle of 3, bfloat16', 'smolvlm-folder', 23],
  ])('recognises the family and finds what transformers computed: %s', async (_, name, count) => {
    const { result, leaked } = await countLeaks(() => verifyFolder(`test/fixtures/${name}`));
    expect(result.checks.filter((check) => !check.ok)).toEqual([]);
    expect(result.checks.length).toBe(count);
    expect(leaked).toBe(0);
  });

  it.each([
    ['qwen2.5-vl-tiny-random', 43],
    ['qwen3-vl-tiny-random', 59],
    ['smolvlm-tiny-random', 31],
  ])('finds what transformers computed from the shared folder %s', { tags: ['data'] }, async (name, count) => {
    const { ok, checks } = await verifyFolder(join(sharedData, name));
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect([ok, checks.length]).toEqual([true, count]);
  });

  it('refuses a folder of another family, with the ones that it knows', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'family-'));
    try {
      cpSync(folder, dir, { recursive: true });
      writeFileSync(join(dir, 'config.json'), '{"model_type": "llava"}');
      await expect(verifyFolder(dir)).rejects.toThrow(
        'model_type is "llava", expected one of qwen2_5_vl (Qwen2.5-VL), qwen3_vl (Qwen3-VL), idefics3 | smolvlm (SmolVLM / Idefics3), llama (Llama)',
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('verify of a folder that differs', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'verify-'));
    cpSync(folder, dir, { recursive: true });
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  /** Replace a text in a file of the copy. */
  function edit(file: string, from: string | RegExp, to: string): void {
    const text = readFileSync(join(dir, file), 'utf8');
    expect(text).toMatch(from);
    writeFileSync(join(dir, file), text.replace(from, to));
  }

  it('names the outputs that differ and ends with 1', async () => {
    edit('config.json', '"rope_theta": 10000.0', '"rope_theta": 9000.0');
    const { code, out } = await moonLab('verify', dir, '--json');
    const { ok, checks } = JSON.parse(out) as Awaited<ReturnType<typeof verifyFolder>>;
    expect([code, ok]).toEqual([1, false]);
    const failed = new Set(checks.filter((check) => !check.ok).map((check) => check.name));
    expect(failed).toContain('two_images.hidden_1');
    expect(failed).toContain('text_only.logits');
    expect(failed).not.toContain('two_images.image_features');
    expect(failed).not.toContain('text_only.hidden_0');
  });

  it('prints a table and ends with 0 where all agree', async () => {
    const { code, out } = await moonLab('verify', dir, '--expected', join(folder, 'expected.safetensors'));
    expect(code).toBe(0);
    expect(out).toMatch(/two_images\.logits +\d\.\de-\d +\d\.\de-\d +\d\.\de-\d +ok/);
    expect(out).toMatch(/all 26 agree\n$/);
  });

  it('sees a damaged tokenizer', async () => {
    edit('tokenizer.json', '["B","l"],', '');
    const { checks } = await verifyFolder(dir);
    expect(checks.find((check) => check.name === 'tokenizer')!.ok).toBe(false);
  });

  it('refuses in one sentence what cannot be compared, and leaves nothing behind', async () => {
    const refused = async (pattern: RegExp) => {
      const { leaked } = await countLeaks(() => expect(verifyFolder(dir)).rejects.toThrow(pattern));
      expect(leaked).toBe(0);
    };
    edit('expected.json', /"text_only": \[\]/, '"text_only2": []');
    await refused(/expected\.safetensors: has no tensor text_only2\.input_ids/);
    edit('expected.json', /,\s*"text_only2": \[\]/, '');
    await refused(/text_only\.\w+ is an output that verify does not know/);
    edit('config.json', '"vocab_size": 304', '"vocab_size": 280');
    await refused(/tokenizer\.json: has 285 token ids, the embedding has 280 rows/);
    edit('config.json', '"vocab_size": 280', '"vocab_size": 304');
    edit('config.json', /"image_token_id": \d+/, '"image_token_id": 5');
    await refused(/<\|image_pad\|> has the id \d+, config\.json says image_token_id 5/);
    rmSync(join(dir, 'expected.json'));
    await refused(/expected\.json: no such file/);
    rmSync(join(dir, 'expected.safetensors'));
    await refused(/expected\.safetensors: no such file; name one with --expected FILE/);
  });
});
