import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeJson, escapeLines, escapeText, imageUri, showsWhole } from '../../../src/figures/page/escape.js';
import { pixel } from '../samples.js';

/** What a browser makes of entities. */
function decode(html: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', '#34': '"', '#39': "'" };
  return html.replace(/&(amp|lt|gt|#34|#39);/g, (_, name) => named[name]);
}

describe('escapeText', () => {
  it('leaves nothing that opens a tag or ends an attribute, and loses nothing', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const escaped = escapeText(text);
        expect(escaped).not.toMatch(/[<>"']/);
        expect(decode(escaped)).toBe(text);
      }),
    );
  });
});

describe('escapeLines', () => {
  it('keeps every word, in lines that fit, up to the last line', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 60 })), (words) => {
        const lines = escapeLines(words.join(' '), 20, 1000).split('<br>').map(decode);
        expect(lines.join('').replace(/\s/g, '')).toBe(words.join('').replace(/\s/g, ''));
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(20);
      }),
    );
    expect(escapeLines('one two three four', 5, 2)).toBe('one<br>two<br>...');
  });

  it('says whether a word is cut or left out', () => {
    expect(showsWhole('one  two three', 5, 3)).toBe(true);
    expect(showsWhole('one two three', 5, 2)).toBe(false);
    expect(showsWhole('threefold', 5, 2)).toBe(false);
  });
});

describe('escapeJson', () => {
  it('is JSON of the same value that cannot close its script element', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        const written = escapeJson([value, `</script>${text}<!--`]);
        expect(written).not.toContain('<');
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify([value, `</script>${text}<!--`])));
      }),
    );
  });
});

describe('imageUri', () => {
  it('lets pixels through and refuses what fetches, runs or breaks out', () => {
    expect(imageUri(pixel, 'a')).toBe(pixel);
    expect(imageUri(undefined, 'a')).toBeUndefined();
    for (const bad of [
      'https://example.org/a.png',
      'javascript:alert(1)',
      'data:image/svg+xml;base64,AAAA',
      `${pixel}" onload="alert(1)`,
    ]) {
      expect(() => imageUri(bad, 'pear')).toThrow(/thumbnail of "pear": got .* expected a data URI/);
    }
  });
});
