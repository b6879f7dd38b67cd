import jschardet from 'jschardet';

/** Names of the library that TextDecoder knows by others. */
const names: Record<string, string> = { CP949: 'euc-kr', CP932: 'shift_jis', CP936: 'gb18030', MacRoman: 'macintosh' };

/** Guesses within this factor of the best one are equally likely. */
const NEAR = 0.8;

/**
 * The encodings in which bytes are most likely text, best first: those without damaged characters alone, and of equally likely ones those of
 * Windows first, which exports use.
 */
export function nearestEncodings(bytes: Buffer): string[] {
  const guesses = jschardet.detectAll(bytes).flatMap(({ encoding, confidence }) => {
    const known = encoding && decoderName(names[encoding] ?? encoding);
    return known && !new TextDecoder(known).decode(bytes).includes('\ufffd') ? { known, confidence } : [];
  });
  const best = Math.max(...guesses.map(({ confidence }) => confidence));
  const rank = ({ known, confidence }: (typeof guesses)[number]) =>
    confidence + (confidence >= NEAR * best && known.startsWith('windows-') ? best : 0);
  return [...new Set(guesses.sort((a, b) => rank(b) - rank(a)).map(({ known }) => known))];
}

function decoderName(name: string): string | undefined {
  try {
    return new TextDecoder(name).encoding;
  } catch {
    return undefined;
  }
}
