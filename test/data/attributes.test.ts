import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseAttributes } from '../../src/data/attributes.js';

describe('parseAttributes', () => {
  test('pairs, several values, Chinese text', () => {
    expect(parseAttributes('颜色:白色!!!黑色,,材质:棉,,time:12:30')).toEqual({
      attributes: { 颜色: ['白色', '黑色'], 材质: ['棉'], time: ['12:30'] },
      problems: [],
    });
  });

  test('parts without key or value are named and the rest is kept', () => {
    expect(parseAttributes('红色,,:空,,材质:,,,,size:M!!!,,size:L!!!M')).toEqual({
      attributes: { size: ['M', 'L'] },
      problems: [
        { kind: 'attribute-without-key', part: '红色' },
        { kind: 'attribute-without-key', part: ':空' },
        { kind: 'attribute-without-value', part: '材质:' },
      ],
    });
  });

  test('what is joined by the rules comes back', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', '色', ' ', '!', '-'), minLength: 1 });
    const value = word.map((text) => text.trim()).filter((text) => text !== '' && !/^!|!$|!!!/.test(text));
    const entries = fc.uniqueArray(
      fc.tuple(fc.oneof(value, fc.constant('__proto__')), fc.uniqueArray(value, { minLength: 1 })),
      {
        selector: ([key]) => key,
      },
    );
    fc.assert(
      fc.property(entries, (pairs) => {
        const text = pairs.map(([key, values]) => `${key}:${values.join('!!!')}`).join(',,');
        expect(parseAttributes(text)).toEqual({ attributes: Object.fromEntries(pairs), problems: [] });
      }),
    );
  });

  test('any text: every part is an attribute or a problem', () => {
    const text = fc.string({ unit: fc.constantFrom('a', ',', ':', '!', ' ', '色') });
    fc.assert(
      fc.property(text, (any) => {
        const { attributes, problems } = parseAttributes(any);
        const parts = any.split(',,').filter((part) => part.trim() !== '');
        expect(problems.length + Object.keys(attributes).length).toBeLessThanOrEqual(parts.length);
        expect(problems.length + Object.keys(attributes).length > 0).toBe(parts.length > 0);
        for (const values of Object.values(attributes)) expect(values.length).toBeGreaterThan(0);
      }),
    );
  });
});
