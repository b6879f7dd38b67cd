/** Scales that make distances comparable between dense and sparse regions, [count] each. */
export interface Scales {
  /** Distance to the nearest neighbour that is not a duplicate; 0 if all are. Neighbours up to this distance have strength 1. */
  rho: Float64Array;
  /** Decay length of the strength beyond rho. Above 0. */
  sigma: Float64Array;
}

/** Tolerance of the search for sigma, as in umap-learn. The strengths have about the same accuracy. */
const CLOSE = 1e-5;
/** Number of bisection steps: enough to exhaust the floating-point precision. If ties keep the sum above its target, sigma ends near 0. */
const STEPS = 64;
/** Minimum of sigma as a fraction of the mean distance, so that ties do not disconnect a point from all other neighbours. */
const MIN_SCALE = 1e-3;

/**
 * The membership strength of each point's neighbours, in [0, 1]: exp(-(d - rho) / sigma), and 1 up to rho (McInnes et al. 2018, section
 * 3.1).
 * @param distances [count, k], of each point to its neighbours, without the point itself
 * @returns [count, k]
 */
export function membershipStrengths(distances: Float32Array, count: number): Float64Array {
  const k = distances.length / count;
  const { rho, sigma } = smoothDistances(distances, count);
  const strengths = new Float64Array(distances.length);
  for (let row = 0; row < count; row++) {
    for (let at = row * k; at < (row + 1) * k; at++) {
      strengths[at] = Math.exp(-Math.max(0, distances[at] - rho[row]) / sigma[row]);
    }
  }
  return strengths;
}

/**
 * Compute the scales for which every point has the same total strength, log2 of the number of neighbours (`smooth_knn_dist` of umap-learn
 * with a local connectivity of 1). The number of neighbours and the mean distance count the point itself, as in umap-learn.
 * @param distances as for `membershipStrengths`
 */
export function smoothDistances(distances: Float32Array, count: number): Scales {
  const k = distances.length / count;
  const target = Math.log2(k + 1);
  const meanOfAll = distances.reduce((sum, one) => sum + one, 0) / (count * (k + 1));
  const rho = new Float64Array(count);
  const sigma = new Float64Array(count);
  const beyond = new Float64Array(k);
  for (let row = 0; row < count; row++) {
    let nearest = Number.POSITIVE_INFINITY;
    let sum = 0;
    for (let at = row * k; at < (row + 1) * k; at++) {
      const distance = distances[at];
      sum += distance;
      if (distance > 0 && distance < nearest) nearest = distance;
    }
    rho[row] = sum > 0 ? nearest : 0;
    for (let at = 0; at < k; at++) beyond[at] = Math.max(0, distances[row * k + at] - rho[row]);
    // A point whose neighbours are all duplicates has no distance scale of its own.
    const mean = sum > 0 ? sum / (k + 1) : meanOfAll;
    sigma[row] = Math.max(fadingScale(beyond, target), MIN_SCALE * mean);
  }
  return { rho, sigma };
}

/** The sigma for which the sum of exp(-d / sigma) over all distances equals the target, found by doubling and bisection. */
function fadingScale(beyond: Float64Array, target: number): number {
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let sigma = 1;
  for (let step = 0; step < STEPS; step++) {
    let sum = 0;
    for (let at = 0; at < beyond.length; at++) sum += Math.exp(-beyond[at] / sigma);
    if (Math.abs(sum - target) < CLOSE) break;
    if (sum > target) high = sigma;
    else low = sigma;
    sigma = high === Number.POSITIVE_INFINITY ? 2 * sigma : (low + high) / 2;
  }
  return sigma;
}
