/**
 * The 256 characters that represent the 256 bytes in byte-level vocabularies (GPT-2, Radford et al. 2019). A byte that is a printable
 * Latin-1 character represents itself; the others use U+0100 and following, so that every token is printable. Ordered as in published
 * byte-level vocabularies.
 */
export function byteAlphabet(): string[] {
  const prints = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const hidden = bytes.filter((byte) => !prints(byte));
  return [...bytes.filter(prints), ...hidden.map((_, at) => 256 + at)].map((code) => String.fromCharCode(code));
}
