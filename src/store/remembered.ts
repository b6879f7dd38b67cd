export interface RememberOptions<Given, Value> {
  keyOf(given: Given): string;
  /** Results are kept up to this total size; the oldest are dropped first. */
  most: number;
  /** Default 1, so that `most` is a number of results. */
  sizeOf?(value: Value): number;
}

/** The same function, which remembers its results. */
export function remembered<Given, Value>(
  make: (given: Given) => Value,
  { keyOf, most, sizeOf = () => 1 }: RememberOptions<Given, Value>,
): (given: Given) => Value {
  const known = new Map<string, Value>();
  let size = 0;
  return (given) => {
    const key = keyOf(given);
    const found = known.get(key);
    if (found !== undefined) return found;
    const made = make(given);
    known.set(key, made);
    size += sizeOf(made);
    for (const [oldest, value] of known) {
      if (size <= most) break;
      known.delete(oldest);
      size -= sizeOf(value);
    }
    return made;
  };
}
