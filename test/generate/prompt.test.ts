import { describe, expect, it } from 'vitest';
import { chatPrompt } from '../../src/generate/prompt.js';
import { trainBytePairs } from '../../src/text/byte-pair-trainer.js';
import { createTokenizer, loadTokenizer } from '../../src/text/tokenizer.js';
import { openExpected } from '../../src/verify/expected-file.js';
import { folder } from '../backbones/folder.js';

describe('chatPrompt', () => {
  const tokenizer = loadTokenizer(folder);
  const image = (h: number, w: number) => ({
    kind: 'patches' as const,
    patches: new Float32Array(h * w * 96),
    grid: { t: 1, h, w },
  });

  it('writes the text that the reference was made from', () => {
    const { prompts } = openExpected(`${folder}/expected.safetensors`);
    const [first, second] = [image(8, 12), image(6, 8)];
    const prompt = chatPrompt(tokenizer, [first, second, 'Blue Cotton Shirt'], { mergeSize: 2 });
    expect(tokenizer.decode(prompt.ids)).toBe(prompts.two_images);
    expect(prompt.images).toEqual([first, second]);
    expect(tokenizer.decode(chatPrompt(tokenizer, ['红色 Wallet'], { mergeSize: 2 }).ids)).toBe(prompts.text_only);
  });

  it('puts an instruction first, and keeps texts and images in their order', () => {
    const { ids } = chatPrompt(tokenizer, ['before ', image(2, 2), ' after'], { mergeSize: 2, system: 'Be brief.' });
    expect(tokenizer.decode(ids)).toBe(
      '<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nbefore <|vision_start|><|image_pad|><|vision_end|> after<|im_end|>\n<|im_start|>assistant\n',
    );
  });

  it('says which token a tokenizer lacks', () => {
    const bare = createTokenizer(trainBytePairs([], { vocabSize: 258, specials: ['<|im_start|>', '<|im_end|>'] }));
    expect(chatPrompt(bare, ['text'], { mergeSize: 2 }).images).toEqual([]);
    expect(() => chatPrompt(bare, [image(2, 2)], { mergeSize: 2 })).toThrow(
      /tokenizer: has no token <\|vision_start\|>/,
    );
  });
});
