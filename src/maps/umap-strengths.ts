/** What makes distances of a crowded and of a lonely point comparable, [count] each. */
export interface Scales {
  /** Distance to the nearest neighbour that is not a duplicate; 0 where all are. Up to here a neighbour belongs fully. */
  rho: Float64Array;
  /** How slowly belonging fades beyond rho. Above 0. */
  sigma: Float64Array;
}

/** The search for sigma ends this close to its target, as in umap-learn: a strength is then right to about as much. */
const CLOSE = 1e-5;
/** Enough halvings to use up the digits of a number: where ties hold the sum above its target, sigma ends at nearly 0. */
const STEPS = 64;
/** Sigma is at least this fraction of the mean distance, so that ties do not cut a point off from all other neighbours. */
const MIN_SCALE = 1e-3;

/**
 * How strongly each point belongs to each of its neighbours, in [0, 1]: exp(-(d - rho) / sigma), and 1 up to rho
 * (McInnes 2018, section 3.1).
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
 * Scales under which every point has neighbours of the same total strength, log2 of their number (`smooth_knn_dist` of umap-learn at a
 * local connectivity of 1). That number and the mean distances count the point itself, as umap-learn does.
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
    // A point among duplicates alone has no distance of its own to measure by.
    const mean = sum > 0 ? sum / (k + 1) : meanOfAll;
    sigma[row] = Math.max(fadingScale(beyond, target), MIN_SCALE * mean);
  }
  return { rho, sigma };
}

/** The sigma at which exp(-d / sigma) over all distances adds up to the target, by doubling and halving. */
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
