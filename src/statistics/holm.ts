/** Adjust the p values of several tests by Holm's method (1979), which bounds the probability of any false positive among them. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, at) => at).sort((a, b) => values[a] - values[b]);
  const adjusted = new Array<number>(values.length);
  let max = 0;
  order.forEach((at, place) => {
    max = Math.max(max, Math.min(1, values[at] * (values.length - place)));
    adjusted[at] = max;
  });
  return adjusted;
}
