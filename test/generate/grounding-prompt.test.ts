import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groundingPrompt, parseBox } from '../../src/generate/grounding-prompt.js';
import { loadTokenizer } from '../../src/text/tokenizer.js';
import { folder } from '../backbones/folder.js';

const image = { width: 400, height: 200 };
const box = { x1: 0.25, y1: 0.1, x2: 0.75, y2: 0.9 };

describe('parseBox', () => {
  it.each([
    ['JSON in pixels', '```json\n[\n\t{"bbox_2d": [100, 20, 300, 180], "label": "shirt"}\n]\n```'],
    ['JSON with fractions', 'Here: {"bbox_2d":[100.0,20.0,300.0,180.0]}'],
    ['JSON that was cut off', '[{"bbox_2d": [100, 20, 300, 180], "label": "a very lo'],
    ['box tokens in thousandths', '<|box_start|>(250,100),(750,900)<|box_end|><|im_end|>'],
    [
      'an object and its box',
      '<|object_ref_start|>a shirt<|object_ref_end|><|box_start|>(250, 100), (750, 900)<|box_end|>',
    ],
    ['the first of two', '[{"bbox_2d": [100, 20, 300, 180]}, {"bbox_2d": [0, 0, 4, 4]}]'],
  ])('reads %s', (_, answer) => {
    expect(parseBox(answer, image)).toEqual({ box, clipped: false });
  });

  it('follows the units that it is told', () => {
    expect(parseBox('{"bbox_2d": [250, 100, 750, 900]}', image, 'thousandths')).toEqual({ box, clipped: false });
    const tokens = '<|box_start|>(100,20),(300,180)<|box_end|>';
    expect(parseBox(tokens, image, 'pixels')).toEqual({ box, clipped: false });
  });

  it('cuts a box at the edge of the image and says so', () => {
    const result = parseBox('{"bbox_2d": [-4, 20, 404, 180]}', image);
    expect(result).toEqual({ box: { x1: 0, y1: 0.1, x2: 1, y2: 0.9 }, clipped: true });
  });

  it.each([
    ['The shirt is in the middle.', 'no box in the answer "The shirt is in the middle."'],
    ['{"bbox_2d": [100, 20, 300]}', 'no box in the answer'],
    ['<|box_start|>(250,100),(750', 'no box in the answer'],
    ['{"bbox_2d": [300, 20, 100, 180]}', 'box (300, 20, 100, 180) has no area inside 400 x 200'],
    ['{"bbox_2d": [500, 20, 600, 180]}', 'box (500, 20, 600, 180) has no area inside 400 x 200'],
    ['{"bbox_2d": [0, 0, 0, 0]}', 'has no area'],
  ])('gives null and the reason for %s', (answer, reason) => {
    expect(parseBox(answer, image)).toEqual({ box: null, reason: expect.stringContaining(reason) });
  });

  it('gives null or a box inside the image for any answer', () => {
    const number = fc.oneof(fc.integer({ min: -2000, max: 2000 }), fc.double({ noNaN: true, min: -1e3, max: 1e3 }));
    const answer = fc.oneof(
      fc.string(),
      fc.tuple(number, number, number, number).map((corners) => `{"bbox_2d": [${corners}]}`),
      fc.tuple(number, number, number, number).map(([a, b, c, d]) => `<|box_start|>(${a},${b}),(${c},${d})<|box_end|>`),
    );
    fc.assert(
      fc.property(answer, (text) => {
        const result = parseBox(text, image);
        if (!result.box) return result.reason.length > 0;
        const { x1, y1, x2, y2 } = result.box;
        return x1 >= 0 && y1 >= 0 && x2 <= 1 && y2 <= 1 && x1 < x2 && y1 < y2;
      }),
    );
  });
});

describe('groundingPrompt', () => {
  const tokenizer = loadTokenizer(folder);
  const patches = { kind: 'patches' as const, patches: new Float32Array(16 * 96), grid: { t: 1, h: 4, w: 4 } };
  const text = (title?: string) => tokenizer.decode(groundingPrompt(tokenizer, patches, title, { mergeSize: 2 }).ids);

  it('shows the image, names the title and asks for the form that parseBox reads', () => {
    expect(text('Blue Cotton Shirt')).toMatch(/(<\|image_pad\|>){4}<\|vision_end\|>.*Blue Cotton Shirt\n.*"bbox_2d"/);
  });

  it('asks for the main product where there is no title', () => {
    for (const none of [undefined, '', '  ']) expect(text(none)).toContain('the main product\n');
  });
});
