/**
 * The 256 characters that stand for the 256 bytes in byte-level vocabularies (GPT-2, Radford et al. 2019): a byte that prints
 * as one character of Latin-1 stands for itself, the others for U+0100 and on, so that every token is printable text.
 * In the order of their code points: the ids that published byte-level vocabularies give them.
 */
export function byteAlphabet(): string[] {
  const prints = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const hidden = bytes.filter((byte) => !prints(byte));
  return [...bytes.filter(prints), ...hidden.map((_, at) => 256 + at)].map((code) => String.fromCharCode(code));
}
