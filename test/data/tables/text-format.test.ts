import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { textBlocks } from '../../../src/data/tables/text-blocks.js';
import { textFormat } from '../../../src/data/tables/text-format.js';
import { dataFolder } from '../data-folder.js';

/** Tables as Python wrote them in each encoding: name, text, bytes in base64. */
const written: [encoding: string, text: string, bytes: string][] = [
  [
    'windows-1252',
    'Artikel;Größe;Beschreibung\n1;groß;Schöne Tasse für Tee, weiß glänzend\n2;klein;Kännchen aus Porzellan, grün\n',
    'QXJ0aWtlbDtHcvbfZTtCZXNjaHJlaWJ1bmcKMTtncm/fO1NjaPZuZSBUYXNzZSBm/HIgVGVlLCB3ZWnfIGds5G56ZW5kCjI7a2xlaW47S+RubmNoZW4gYXVzIFBvcnplbGxhbiwgZ3L8bgo=',
  ],
  [
    'gb18030',
    '商品编号,商品名称,类目\n1,青花瓷碗,家居\n2,红色茶杯,家居\n',
    'yczGt7HgusUsyczGt8P7s8YswODEvwoxLMfgu6i0yc3rLLzSvtMKMiy67MmrsuixrSy80r7TCg==',
  ],
  [
    'big5',
    '商品編號,商品名稱,類別\n1,青花瓷碗,家居用品\n2,紅色茶杯,家居用品\n',
    'sNOrfr1zuLkssNOrfqZXutksw/6nTwoxLKtDquGyobhKLK5hqX6lzqt+CjIsrPWm4q/5qk0srmGpfqXOq34K',
  ],
  [
    'shift_jis',
    '商品番号,商品名\n1,青い茶碗です。きれいな色\n2,赤いコップ\n',
    'j6SVaZTUjYYsj6SVaZa8CjEskMKCopKDmHGCxYK3gUKCq4LqgqKCyJBGCjIskNSCooNSg2KDdgo=',
  ],
  [
    'euc-jp',
    '商品番号,商品名\n1,青い茶碗です。きれいな色\n2,赤いコップ\n',
    'vqbJysjWueYsvqbJysy+CjEswMSkpMPjz9Kkx6S5oaOkraTspKSkyr+nCjIswNakpKWzpcOl1wo=',
  ],
  [
    'windows-1251',
    'артикул,название\n1,кружка синяя\n2,тарелка красная большая\n',
    '4PDy6Orz6yzt4Ofi4O3o5QoxLOrw8+bq4CDx6O3//woyLPLg8OXr6uAg6vDg8e3g/yDh7uv8+OD/Cg==',
  ],
  [
    'koi8-r',
    'артикул,название\n1,кружка синяя\n2,тарелка красная большая\n',
    'wdLUycvVzCzOwdrXwc7JxQoxLMvS1dbLwSDTyc7R0QoyLNTB0sXMy8Egy9LB087B0SDCz8zY28HRCg==',
  ],
  [
    'euc-kr',
    '상품번호,상품명\n1,컵 파란색\n2,접시 빨간색\n',
    'u/PHsLn4yKMsu/PHsLjtCjEsxMUgxsS29bv2CjIswaK9wyC7obCju/YK',
  ],
  [
    'windows-1250',
    'id,nazwa\n1,żółta filiżanka do kawy\n2,łyżka ze stali, średnia\n',
    'aWQsbmF6d2EKMSy/87N0YSBmaWxpv2Fua2EgZG8ga2F3eQoyLLN5v2thIHplIHN0YWxpLCCccmVkbmlhCg==',
  ],
  [
    'macintosh',
    'ref;désignation\n1;tasse bleue cassée\n2;thé à la menthe\n',
    'cmVmO2SOc2lnbmF0aW9uCjE7dGFzc2UgYmxldWUgY2Fzc45lCjI7dGiOIIggbGEgbWVudGhlCg==',
  ],
];

/** The encoding that a file is found to have, and its text. */
async function read(
  content: string | Uint8Array,
  { name = 'x.csv', encoding }: { name?: string; encoding?: string } = {},
) {
  const file = join(dataFolder({ [name]: content }), name);
  const format = await textFormat(file, encoding);
  let text = '';
  for await (const block of textBlocks(file, () => {}, format)) text += block.text;
  return { encoding: format.encoding, text };
}

describe('a text file', () => {
  test.each(written)('in %s', async (encoding, text, bytes) => {
    expect(await read(Buffer.from(bytes, 'base64'))).toEqual({ encoding, text });
  });

  test.each([
    'id;title\n1;Tasse à café\n2;Lampe\n',
    'id,title\n1,Café mug\n2,Lamp\n3,Chair\n',
    'id;title;category\n1;Lampada è bella;Casa\n2;Sedia;Casa\n',
    'Référence;Désignation;Prix\nA1;Tasse à café;3\nA2;Lampe;4\n',
    'Código;Nombre del producto;Categoría\n1;Silla pequeña;Jardín\n',
    'id;Größe\n1;GRÖSSE Ü 12 €\n',
    'id,title\n1,Crème brûlée “maison” – 50 °C\n',
  ])('of Western Europe, whatever its words: %j', async (text) => {
    const bytes = Buffer.from(
      text.replace(/[€“”–]/g, (each) => String.fromCharCode({ '€': 0x80, '“': 0x93, '”': 0x94, '–': 0x96 }[each]!)),
      'latin1',
    );
    expect(await read(bytes)).toEqual({ encoding: 'windows-1252', text });
  });

  const tee = 'id,title\n1,Thé glacé\n2,茶\n';
  const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();
  test.each<[string, string | Uint8Array, string]>([
    ['UTF-16 with a mark, as Excel saves it', Buffer.from(`\ufeff${tee}`, 'utf16le'), 'utf-16le'],
    ['UTF-16 of the other order', swapped(`\ufeff${tee}`), 'utf-16be'],
    ['UTF-16 without a mark', Buffer.from(tee, 'utf16le'), 'utf-16le'],
    ['UTF-8 with a mark', `\ufeff${tee}`, 'utf-8'],
    ['UTF-8, packed', gzipSync(tee), 'utf-8'],
  ])('is %s', async (kind, bytes, encoding) => {
    expect(await read(bytes, { name: kind.includes('packed') ? 'x.csv.gz' : 'x.csv' })).toEqual({
      encoding,
      text: tee,
    });
  });

  test('of UTF-8 with a damaged letter stays UTF-8; one with letters far below is found too', async () => {
    const damaged = Buffer.concat([Buffer.from(tee.repeat(9)), Buffer.from([0xe9, 0x0a])]);
    expect(await read(damaged)).toEqual({ encoding: 'utf-8', text: `${tee.repeat(9)}\ufffd\n` });
    const late = 'id,title\n'.repeat(60_000);
    const found = await read(
      Buffer.concat([Buffer.from(late), Buffer.from('1,Tasse für schönen Tee, weiß\n', 'latin1')]),
    );
    expect(found).toEqual({ encoding: 'windows-1252', text: `${late}1,Tasse für schönen Tee, weiß\n` });
  });

  test('has the lines of old programs for the Macintosh, and the encoding that is named', async () => {
    expect((await read('id,title\r1,Cup\r')).text).toBe('id,title\n1,Cup\n');
    expect((await read(Buffer.from('1,\x8f', 'latin1'), { encoding: 'macintosh' })).text).toBe('1,è');
    await expect(read(tee, { encoding: 'utf-9' })).rejects.toThrow(
      'encoding: got "utf-9", expected a name such as utf-8',
    );
  });

  test('is refused where it is none', async () => {
    const noise = Buffer.from(Array.from({ length: 4000 }, (_, at) => (Math.imul(at + 1, 0x9e3779b1) >>> 13) % 32));
    await expect(read(noise)).rejects.toThrow('is no text. Name its encoding with --encoding');
    await expect(read(noise, { encoding: 'windows-1252' })).rejects.toThrow('is no text in windows-1252.');
    await expect(read(Buffer.from('%PDF-1.7'))).rejects.toThrow('is a PDF document. Give a table.');
    await expect(read(gzipSync(tee).subarray(0, 20), { name: 'x.csv.gz' })).rejects.toThrow('is no whole gzip file');
  });
});
