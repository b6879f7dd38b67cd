import { dot } from '../../engine/dot.js';

/** Two vectors this close in direction are joined by a straight line, since the arc divides by the sine of their angle. */
const COLLINEAR = 0.9995;

/** From one vector (t 0) to another (t 1) along the arc between them; lengths change with the same two factors (as in mergekit). */
export function slerp(from: Float32Array, to: Float32Array, t: number): Float32Array {
  const cosine = dot(from, to) / (Math.sqrt(dot(from, from) * dot(to, to)) || 1);
  const isStraight = Math.abs(cosine) > COLLINEAR;
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const a = isStraight ? 1 - t : Math.sin((1 - t) * angle) / Math.sin(angle);
  const b = isStraight ? t : Math.sin(t * angle) / Math.sin(angle);
  return from.map((value, at) => a * value + b * to[at]);
}
