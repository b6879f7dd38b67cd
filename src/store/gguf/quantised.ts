import { widen } from '../half.js';

/**
 * How one number type of GGUF is stored: blocks of `numbers` numbers in `bytes` bytes. Layouts: ggml's `ggml-quants.c`. All arithmetic is
 * rounded to float32 step by step, as the reference does it.
 */
export interface NumberType {
  name: string;
  numbers: number;
  bytes: number;
  /** Numbers of the block at `from` of the bytes, written to `out` from `to` on. */
  read(bytes: Uint8Array, from: number, out: Float32Array, to: number): void;
}

const { fround } = Math;
const halves = new Uint16Array(1);
const single = new Float32Array(1);
const single32 = new Uint8Array(single.buffer);

/** The half-precision number at a place, little-endian. */
function half(bytes: Uint8Array, at: number): number {
  halves[0] = bytes[at] | (bytes[at + 1] << 8);
  widen(halves, 'F16', single);
  return single[0];
}

const signed = (byte: number) => (byte << 24) >> 24;

const f32: NumberType = {
  name: 'F32',
  numbers: 1,
  bytes: 4,
  read(bytes, from, out, to) {
    single32.set(bytes.subarray(from, from + 4));
    out[to] = single[0];
  },
};

const f16: NumberType = {
  name: 'F16',
  numbers: 1,
  bytes: 2,
  read(bytes, from, out, to) {
    out[to] = half(bytes, from);
  },
};

/** A scale and 32 signed nibbles around 8; the low nibbles come first. */
const q4_0: NumberType = {
  name: 'Q4_0',
  numbers: 32,
  bytes: 18,
  read(bytes, from, out, to) {
    const scale = half(bytes, from);
    for (let at = 0; at < 16; at++) {
      const byte = bytes[from + 2 + at];
      out[to + at] = scale * ((byte & 15) - 8);
      out[to + 16 + at] = scale * ((byte >> 4) - 8);
    }
  },
};

/** A scale, a minimum and 32 nibbles. */
const q4_1: NumberType = {
  name: 'Q4_1',
  numbers: 32,
  bytes: 20,
  read(bytes, from, out, to) {
    const scale = half(bytes, from);
    const min = half(bytes, from + 2);
    for (let at = 0; at < 16; at++) {
      const byte = bytes[from + 4 + at];
      out[to + at] = fround(scale * (byte & 15)) + min;
      out[to + 16 + at] = fround(scale * (byte >> 4)) + min;
    }
  },
};

/** A scale and 32 signed bytes. */
const q8_0: NumberType = {
  name: 'Q8_0',
  numbers: 32,
  bytes: 34,
  read(bytes, from, out, to) {
    const scale = half(bytes, from);
    for (let at = 0; at < 32; at++) out[to + at] = scale * signed(bytes[from + 2 + at]);
  },
};

/** 256 nibbles in eight groups, each with a scale and a minimum of six bits. */
const q4_k: NumberType = {
  name: 'Q4_K',
  numbers: 256,
  bytes: 144,
  read(bytes, from, out, to) {
    const scale = half(bytes, from);
    const min = half(bytes, from + 2);
    const packed = (at: number) => bytes[from + 4 + at];
    for (let group = 0; group < 8; group++) {
      const [own, least] =
        group < 4
          ? [packed(group) & 63, packed(group + 4) & 63]
          : [
              (packed(group + 4) & 15) | ((packed(group - 4) >> 6) << 4),
              (packed(group + 4) >> 4) | ((packed(group) >> 6) << 4),
            ];
      const step = fround(scale * own);
      const low = fround(min * least);
      // Two groups share 32 bytes: the first has their low nibbles.
      const start = from + 16 + 32 * (group >> 1);
      const shift = 4 * (group & 1);
      for (let at = 0; at < 32; at++)
        out[to + 32 * group + at] = fround(step * ((bytes[start + at] >> shift) & 15)) - low;
    }
  },
};

/** 256 numbers of six bits around 32: four low bits, two high ones, and a signed scale for 16 of them. */
const q6_k: NumberType = {
  name: 'Q6_K',
  numbers: 256,
  bytes: 210,
  read(bytes, from, out, to) {
    const scale = half(bytes, from + 208);
    for (let at = 0; at < 256; at++) {
      const side = at >> 7;
      const quarter = (at >> 5) & 3;
      const place = at & 31;
      const low = (bytes[from + 64 * side + 32 * (quarter & 1) + place] >> (4 * (quarter >> 1))) & 15;
      const high = (bytes[from + 128 + 32 * side + place] >> (2 * quarter)) & 3;
      const own = fround(scale * signed(bytes[from + 192 + (at >> 4)]));
      out[to + at] = own * ((low | (high << 4)) - 32);
    }
  },
};

/** By ggml's number of the type. */
export const numberTypes: ReadonlyMap<number, NumberType> = new Map([
  [0, f32],
  [1, f16],
  [2, q4_0],
  [3, q4_1],
  [8, q8_0],
  [12, q4_k],
  [14, q6_k],
]);
