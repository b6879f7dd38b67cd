import { UserError } from '../../checks/error.js';
import type { Exchange } from '../../cluster/exchange.js';
import type * as tf from '../../engine/tf.js';
import type { Stage } from '../../objectives/index.js';
import { sharedUpdates, type UpdatePart } from './shared-updates.js';
import { slowWatch } from './slow-worker.js';

/** The processes that train one network together, seen from one of them. */
export interface Team {
  /** For the objectives that share their steps. */
  exchange: Exchange;
  /**
   * The gradient of all processes for an update.
   * @param started when this process began the update, by `performance.now()`
   */
  share(part: Omit<UpdatePart, 'seconds'> & { started: number }): Promise<tf.Tensor1D>;
  /** Whether a process asked to stop after the last update. */
  stopped: boolean;
  /** Seconds of the last update in which this process waited for the others and for the exchange. */
  waitSeconds: number;
}

/**
 * @param onSlow called once for a worker that computes much longer than the others, with its number
 * @throws UserError if most of the steps have an objective that does not share them
 */
export function openTeam(given: Exchange, stages: readonly Stage[], onSlow?: (worker: number) => void): Team {
  requireShared(stages);
  let waited = 0;
  const exchange: Exchange = {
    rank: given.rank,
    world: given.world,
    async sum(values) {
      const started = performance.now();
      const sum = await given.sum(values);
      waited += (performance.now() - started) / 1000;
      return sum;
    },
  };
  const update = sharedUpdates(exchange);
  const slow = slowWatch();
  const team: Team = {
    exchange,
    stopped: false,
    waitSeconds: 0,
    async share({ started, ...part }) {
      const { gradient, seconds, stop } = await update({
        ...part,
        seconds: (performance.now() - started) / 1000 - waited,
      });
      for (const worker of slow(seconds)) onSlow?.(worker);
      Object.assign(team, { stopped: stop, waitSeconds: waited });
      waited = 0;
      return gradient;
    },
  };
  return team;
}

/** A short stage that is not shared is computed by every process alike; a run of which most is not would gain nothing. */
function requireShared(stages: readonly Stage[]): void {
  const steps = (those: readonly Stage[]) => those.reduce((sum, each) => sum + each.steps, 0);
  const alone = stages.filter(({ objective }) => !objective.shares);
  if (2 * steps(alone) > steps(stages))
    throw new UserError(
      `Several workers cannot share the steps of the objective ${alone[0].objective.name}. Train it on one worker.`,
    );
}
