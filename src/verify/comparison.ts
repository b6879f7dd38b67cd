/** One output beside the reference's. */
export interface Check {
  name: string;
  /** Largest and mean absolute difference; infinite where the two differ in length or ours is no number. */
  max: number;
  mean: number;
  /** What `max` may be, absolute; in the row `pixel_values (mean)` what `mean` may be. */
  tolerance: number;
  ok: boolean;
}

/** @param share what the difference may be, of the reference's largest absolute value */
export function compare(name: string, ours: ArrayLike<number>, theirs: ArrayLike<number>, fraction: number): Check {
  let [max, sum, largest] = [0, 0, 0];
  for (let i = 0; i < theirs.length; i++) {
    const difference = Math.abs(ours[i] - theirs[i]);
    // Math.max would do, but for an honest end with NaN
    if (!(difference <= max)) max = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    sum += difference;
    largest = Math.max(largest, Math.abs(theirs[i]));
  }
  if (ours.length !== theirs.length || max === Number.POSITIVE_INFINITY) max = sum = Number.POSITIVE_INFINITY;
  const tolerance = fraction * largest;
  return { name, max, mean: sum / Math.max(1, theirs.length), tolerance, ok: max <= tolerance };
}
