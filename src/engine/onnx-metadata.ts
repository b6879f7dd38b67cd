/** Field of a ModelProto with its metadata, and those of an entry of it (onnx.proto3). */
const METADATA = 14;
const [KEY, VALUE] = [1, 2];

/** What an ONNX file says of itself under a key, such as the letters of a text recogniser; undefined if it says nothing. */
export function onnxMetadata(file: Uint8Array, key: string): string | undefined {
  for (const entry of messages(file, METADATA)) {
    const [name] = messages(entry, KEY);
    if (name && text(name) === key) {
      const [value] = messages(entry, VALUE);
      return value && text(value);
    }
  }
  return undefined;
}

const text = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');

/** The contents of the fields of a protocol buffer with this number that are texts or messages. */
function* messages(buffer: Uint8Array, number: number): Generator<Uint8Array> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; at < buffer.length; factor *= 128) {
      const byte = buffer[at++];
      value += (byte & 127) * factor;
      if (byte < 128) break;
    }
    return value;
  };
  while (at < buffer.length) {
    const tag = varint();
    const kind = tag & 7;
    if (kind === 0) varint();
    else if (kind === 1) at += 8;
    else if (kind === 5) at += 4;
    else if (kind === 2) {
      const length = varint();
      if (Math.floor(tag / 8) === number) yield buffer.subarray(at, at + length);
      at += length;
    } else return;
  }
}
