import { mean, sampleStandardDeviation } from 'simple-statistics';

/** Mean of paired differences over their standard deviation (Cohen's d of pairs); null where there is one, or all are alike. */
export function effectSize(differences: readonly number[]): number | null {
  if (differences.length < 2) return null;
  const spread = sampleStandardDeviation(differences);
  return spread > 0 ? mean(differences) / spread : null;
}
