import { wrongOption } from '../../checks/error.js';

/** Factors of the adapters with their score on dev. */
export interface Adjusted {
  lambdas: number[];
  score: number;
}

/**
 * Adjust the factors of composed adapters on dev: try every combination of the given values, and return the best; the first among equals.
 * @param count number of adapters
 * @param values that each factor may have
 * @param score on dev; higher is better
 */
export async function adjustLambdas(
  count: number,
  values: readonly number[],
  score: (lambdas: readonly number[]) => Promise<number>,
): Promise<Adjusted> {
  if (!values.length) throw wrongOption('lambdas', values, 'at least one value');
  let best: Adjusted | undefined;
  for (let at = 0; at < values.length ** count; at++) {
    const lambdas = Array.from(
      { length: count },
      (_, place) => values[Math.floor(at / values.length ** place) % values.length],
    );
    const found = await score(lambdas);
    if (!best || found > best.score) best = { lambdas, score: found };
  }
  return best!;
}
