/** Comparison of one output with the reference. */
export interface Check {
  name: string;
  /** Largest and mean absolute difference; infinite if the lengths differ or a value is NaN. */
  max: number;
  mean: number;
  /** Largest allowed `max`, absolute; in the row `pixel_values (mean)` the largest allowed `mean`. */
  tolerance: number;
  ok: boolean;
}

/**
 * Compare an output with the reference.
 * @param fraction tolerance as a fraction of the reference's largest absolute value
 */
export function compare(name: string, ours: ArrayLike<number>, theirs: ArrayLike<number>, fraction: number): Check {
  let [max, sum, largest] = [0, 0, 0];
  for (let i = 0; i < theirs.length; i++) {
    const difference = Math.abs(ours[i] - theirs[i]);
    // Unlike Math.max, this turns a NaN into infinity.
    if (!(difference <= max)) max = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    sum += difference;
    largest = Math.max(largest, Math.abs(theirs[i]));
  }
  if (ours.length !== theirs.length || max === Number.POSITIVE_INFINITY) max = sum = Number.POSITIVE_INFINITY;
  const tolerance = fraction * largest;
  return { name, max, mean: sum / Math.max(1, theirs.length), tolerance, ok: max <= tolerance };
}
