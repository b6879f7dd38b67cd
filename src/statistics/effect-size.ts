import { mean, sampleStandardDeviation } from 'simple-statistics';

/**
 * Cohen's d for paired samples: mean difference over the standard deviation of differences. Null for fewer than two differences, or if all
 * are equal.
 */
export function effectSize(differences: readonly number[]): number | null {
  if (differences.length < 2) return null;
  const spread = sampleStandardDeviation(differences);
  return spread > 0 ? mean(differences) / spread : null;
}
