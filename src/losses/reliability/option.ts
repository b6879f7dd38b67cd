import { fraction, number, oneOf, tagged } from '../../checks/schema.js';

/** What the reliability of a pair multiplies: its loss between products, or also the loss within the product that it bought. */
export const reliabilityScopes = ['inter', 'both'] as const;
export type ReliabilityScope = (typeof reliabilityScopes)[number];

/**
 * How much a pair of a query and the product that it bought counts.
 * - `one`: every pair counts fully.
 * - `margin`: phi = sigmoid(kappa (r_q.r_p - r_q.r_n - margin)), where n is the query's hard negative; a pair counts phi where phi is below
 *   `threshold`, else fully (MOON2.0, arXiv 2511.12449). The margin falls in a straight line to `end` over the run. No gradient flows
 *   through phi. The paper leaves kappa, margins and what is multiplied open.
 * - `oracle`: a pair that is known to be wrong counts nothing. A control: only generated data know.
 */
export type ReliabilityOption =
  | { kind: 'one' }
  | {
      kind: 'margin';
      kappa: number;
      margin: number;
      end: number;
      threshold: number;
      multiplies: ReliabilityScope;
    }
  | { kind: 'oracle'; multiplies: ReliabilityScope };

const multiplies = oneOf(reliabilityScopes, {
  help: 'what the reliability multiplies: the loss between products, or also the one within the product',
});
const cosine = (help: string) => number({ min: -2, max: 2, help });

export const reliabilitySchema = tagged<ReliabilityOption>('how much a pair counts', {
  one: {},
  margin: {
    kappa: number({ min: 0, help: 'steepness of the sigmoid' }),
    margin: cosine('difference of cosines at which phi is 0.5, at the first step'),
    end: cosine('the same at the last step'),
    threshold: fraction({ help: 'phi below which a pair counts less' }),
    multiplies,
  },
  oracle: { multiplies },
});
