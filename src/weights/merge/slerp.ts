/** Two vectors this close in direction are joined by a straight line, since the arc divides by the sine of their angle. */
const COLLINEAR = 0.9995;

/** From one vector (t 0) to another (t 1) along the arc between them; lengths change with the same two factors (as in mergekit). */
export function slerp(from: Float32Array, to: Float32Array, t: number): Float32Array {
  let [product, ofFrom, ofTo] = [0, 0, 0];
  for (let at = 0; at < from.length; at++) {
    product += from[at] * to[at];
    ofFrom += from[at] * from[at];
    ofTo += to[at] * to[at];
  }
  const cosine = product / (Math.sqrt(ofFrom * ofTo) || 1);
  const isStraight = Math.abs(cosine) > COLLINEAR;
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const a = isStraight ? 1 - t : Math.sin((1 - t) * angle) / Math.sin(angle);
  const b = isStraight ? t : Math.sin(t * angle) / Math.sin(angle);
  return from.map((value, at) => a * value + b * to[at]);
}
