/** Numbers in typed memory that grows: as many bytes as they need, where an array of objects takes ten times that. */
export interface NumberList {
  readonly length: number;
  push(...values: number[]): void;
  at(index: number): number;
  set(index: number, value: number): void;
}

type Typed = Float64Array | Uint32Array | Int32Array;

/** An empty list. @param type what its numbers are rounded to */
export function numberList(type: new (length: number) => Typed): NumberList {
  let values = new type(64);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push(...added) {
      if (length + added.length > values.length) {
        const larger = new type(2 * values.length + added.length);
        larger.set(values);
        values = larger;
      }
      for (const value of added) values[length++] = value;
    },
    at: (index) => values[index],
    set(index, value) {
      values[index] = value;
    },
  };
}
