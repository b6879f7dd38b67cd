/** So many times the same tokens in a row, of at most so many, are a loop. */
const TIMES = 4;
const LONGEST = 8;

/** Whether the last tokens are the same few over and over. */
export function isRepeating(ids: readonly number[]): boolean {
  for (let period = 1; period <= LONGEST && period * TIMES <= ids.length; period++) {
    const tail = ids.slice(-period * TIMES);
    if (tail.every((id, at) => id === tail[at % period])) return true;
  }
  return false;
}
