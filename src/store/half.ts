/** Convert the bits of a half-precision number (IEEE, 1 + 5 + 10 bits) to the bits of the same number in single precision. */
export function bitsOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (!fraction) return sign;
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

/** Convert to half precision, rounding to nearest, ties to even. Values of 65,520 and more become infinite. */
export function toHalf(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(Float32Array.from(values).buffer);
  return Uint16Array.from(bits, halfOfBits);
}

/** IEEE half precision, and the upper half of a float32. */
export type HalfDtype = 'F16' | 'BF16';

/** Convert half-precision numbers to single precision, into the start of `out`. */
export function widen(halves: Uint16Array, dtype: HalfDtype, out: Float32Array): void {
  const values = valuesOfHalves(dtype);
  for (let at = 0; at < halves.length; at++) out[at] = values[halves[at]];
}

/** The value of each of the 65,536 numbers of half precision. A lookup is faster than a conversion. */
export function valuesOfHalves(dtype: HalfDtype): Float32Array {
  const bitsOf = dtype === 'F16' ? bitsOfHalf : (half: number) => half << 16;
  tables[dtype] ??= new Float32Array(Int32Array.from({ length: 65_536 }, (_, half) => bitsOf(half)).buffer);
  return tables[dtype];
}

const tables: Partial<Record<HalfDtype, Float32Array>> = {};

function halfOfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = (bits >>> 23) & 0xff;
  const fraction = bits & 0x7fffff;
  if (exponent === 0xff) return sign | 0x7c00 | (fraction ? 0x200 : 0);
  const scaled = exponent - 112;
  if (scaled >= 31) return sign | 0x7c00;
  if (scaled <= -11) return sign;
  // For subnormal results the implicit leading one is written out, and the fraction loses more bits.
  const dropped = scaled > 0 ? 13 : 14 - scaled;
  const digits = scaled > 0 ? (scaled << 23) | fraction : fraction | 0x800000;
  const kept = digits >>> dropped;
  const rest = digits & ((1 << dropped) - 1);
  const middle = 1 << (dropped - 1);
  return sign | (kept + Number(rest > middle || (rest === middle && (kept & 1) === 1)));
}

/**
 * Numbers as they are stored: themselves for F32, else their bytes in half precision, rounded to nearest, ties to even. Finite numbers that
 * are too large for F16 become infinite.
 */
export function halfBytes(values: Float32Array, dtype: 'F32' | 'F16' | 'BF16'): Float32Array | Uint8Array {
  if (dtype === 'F32') return values;
  const halves = dtype === 'F16' ? toHalf(values) : toBfloat16(values);
  return new Uint8Array(halves.buffer);
}

/** The bytes of finite numbers in bfloat16, in one pass; undefined if one is NaN or infinite. */
export function finiteBfloat16(values: Float32Array): Uint8Array | undefined {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(bits.length);
  let most = 0;
  for (let at = 0; at < bits.length; at++) {
    const own = bits[at];
    const exponent = own & EXPONENT;
    most = exponent > most ? exponent : most;
    halves[at] = (own + 0x7fff + ((own >>> 16) & 1)) >>> 16;
  }
  return most < EXPONENT ? new Uint8Array(halves.buffer) : undefined;
}

/** All ones in NaN and infinities alone. */
export const EXPONENT = 0x7f800000;

/** The upper halves of the numbers, rounded to nearest, ties to even. */
function toBfloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(bits.length);
  for (let at = 0; at < bits.length; at++) {
    // A NaN whose upper bits are all ones would become a zero.
    const own = bits[at] | 0;
    halves[at] = (own & 0x7fffffff) > 0x7f800000 ? 0x7fc0 : (own + 0x7fff + ((own >>> 16) & 1)) >>> 16;
  }
  return halves;
}
