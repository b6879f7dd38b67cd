import { hostname } from 'node:os';
import { UserError } from '../../checks/error.js';
import { type Exchange, gatherTexts } from '../../cluster/exchange.js';
import { type Provenance, provenanceDifference } from '../run/provenance.js';

/** What may differ between workers: their weights are compared while they train. */
const mayDiffer = ['machine', 'threads'];

/**
 * Meet the other workers of a run before it begins.
 * @returns the name of each, with its machine
 * @throws UserError that names the first worker whose provenance differs, and in what
 */
export async function meetWorkers(exchange: Exchange, own: Provenance): Promise<string[]> {
  const texts = await gatherTexts(exchange, JSON.stringify({ host: hostname(), provenance: own }));
  const met = texts.map((text) => JSON.parse(text) as { host: string; provenance: Provenance });
  const names = met.map(({ host }, rank) => `worker ${rank} (${host})`);
  for (const [rank, { provenance }] of met.entries()) {
    const difference = provenanceDifference(met[0].provenance, provenance, mayDiffer, ['on worker 0', 'there']);
    if (difference)
      throw new UserError(
        `${names[rank]}: ${difference.what} differs from that of worker 0${difference.values}. All workers need the same code, data, engine and config.`,
      );
  }
  return names;
}

/** Wait until all workers have come here. */
export const waitForAll = async (exchange: Exchange): Promise<void> => void (await exchange.sum(new Float32Array(1)));
