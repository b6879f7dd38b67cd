/** The membership strength of two points at distance d on the map: 1 / (1 + a d^(2b)). */
export interface MapCurve {
  a: number;
  b: number;
}

/** Number of distances at which the curve is fitted, and the largest of them, as in umap-learn for spread 1. */
const POINTS = 300;
const LAST = 3;
/** Convergence threshold: smaller steps are below the rounding error. */
const SMALL = 1e-10;
const ROUNDS = 200;

/**
 * Fit the curve to the target strength: 1 up to `minDist`, and exp(-(d - minDist)) beyond. Least squares over the distances of umap-learn's
 * `find_ab_params`, by the Levenberg-Marquardt method.
 */
export function fitCurve(minDist: number): MapCurve {
  let curve: MapCurve = { a: 1, b: 1 };
  let fit = compare(curve, minDist);
  let damping = 1e-3;
  for (let round = 0; round < ROUNDS; round++) {
    const aa = fit.aa * (1 + damping);
    const bb = fit.bb * (1 + damping);
    const determinant = aa * bb - fit.ab ** 2;
    const stepA = (bb * fit.a - fit.ab * fit.b) / determinant;
    const stepB = (aa * fit.b - fit.ab * fit.a) / determinant;
    const next = { a: curve.a + stepA, b: curve.b + stepB };
    const nextFit = compare(next, minDist);
    if (nextFit.error < fit.error) {
      curve = next;
      fit = nextFit;
      damping /= 10;
    } else damping *= 10; // also if negative parameters give NaN
    if (Math.abs(stepA) + Math.abs(stepB) < SMALL) break;
  }
  return curve;
}

/**
 * Squared error of a curve, and sums over its derivatives by a and b: `aa`, `ab`, `bb` of their products, `a` and `b` of derivative times
 * residual.
 */
function compare({ a, b }: MapCurve, minDist: number) {
  const sums = { error: 0, aa: 0, ab: 0, bb: 0, a: 0, b: 0 };
  for (let point = 0; point < POINTS; point++) {
    const distance = (LAST * point) / (POINTS - 1);
    const power = distance ** (2 * b);
    const value = 1 / (1 + a * power);
    const residual = (distance < minDist ? 1 : Math.exp(minDist - distance)) - value;
    const byA = -power * value ** 2;
    const byB = distance > 0 ? 2 * a * Math.log(distance) * byA : 0;
    sums.error += residual ** 2;
    sums.aa += byA ** 2;
    sums.ab += byA * byB;
    sums.bb += byB ** 2;
    sums.a += byA * residual;
    sums.b += byB * residual;
  }
  return sums;
}
