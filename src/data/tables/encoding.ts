import jschardet from 'jschardet';

/** Names of the library that TextDecoder knows by others. */
const names: Record<string, string> = { CP949: 'euc-kr', CP932: 'shift_jis', CP936: 'gb18030', MacRoman: 'macintosh' };

/** Guesses within this factor of the best one are equally likely. */
const NEAR = 0.8;

/**
 * The encodings in which bytes are most likely text, best first. Western European text is windows-1252: few accents among Latin letters look
 * like words of many alphabets to statistics. Otherwise those without damaged characters and without words of two alphabets count, and of equally
 * likely ones those of Windows come first, which exports use.
 */
export function nearestEncodings(bytes: Buffer): string[] {
  if (isWestern(new TextDecoder('windows-1252').decode(bytes))) return ['windows-1252'];
  const guesses = jschardet.detectAll(bytes).flatMap(({ encoding, confidence }) => {
    const known = encoding && decoderName(names[encoding] ?? encoding);
    if (!known) return [];
    const text = new TextDecoder(known).decode(bytes);
    return text.includes('\ufffd') || mixesAlphabets(text) ? [] : [{ known, confidence }];
  });
  const best = Math.max(...guesses.map(({ confidence }) => confidence));
  const rank = ({ known, confidence }: (typeof guesses)[number]) =>
    confidence + (confidence >= NEAR * best && known.startsWith('windows-') ? best : 0);
  return [...new Set(guesses.sort((a, b) => rank(b) - rank(a)).map(({ known }) => known))];
}

/** Words with a character that is not ASCII. */
const unusualWords = (text: string) => text.split(/[\s!-/:-@[-^`{-~]+/).filter((word) => /\P{ASCII}/u.test(word));

/**
 * Whether most words with accents hold ASCII letters too, or are a single letter in a text of ASCII, and their other characters are letters of
 * Western Europe in the case of those around them.
 */
function isWestern(text: string): boolean {
  const words = unusualWords(text);
  const ascii = text.match(/[a-z]/gi)?.length ?? 0;
  const alone = ascii > 3 * words.join('').length;
  const mixed = words.filter((word) => /[a-z]/i.test(word) || (alone && word.length === 1));
  const fitting = mixed.filter(
    (word) => /^[\wÀ-ÖØ-Ýß-öø-ÿŒœŠšŽž°²³€™®’‘“”–-]+$/.test(word) && !/[a-zà-ÿ][À-ÝŒŠŽ]|[þðÞÐ]/.test(word),
  );
  return mixed.length > 0 && mixed.length >= words.length / 2 && fitting.length >= 0.9 * mixed.length;
}

/** Whether many words hold Latin letters beside those of another alphabet. */
function mixesAlphabets(text: string): boolean {
  const words = unusualWords(text).filter((word) => /\p{L}/u.test(word));
  const mixed = words.filter(
    (word) =>
      /[a-z]/i.test(word) &&
      /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Thai}]/u.test(word),
  );
  return mixed.length > words.length / 4;
}

function decoderName(name: string): string | undefined {
  try {
    return new TextDecoder(name).encoding;
  } catch {
    return undefined;
  }
}
