import type { Encoder } from '../../encoder/encoder.js';
import type { Pixels } from '../../pictures/picture-store.js';
import { answerTasks } from '../answers.js';
import { coversAll, type System } from './system.js';

/** Networks of one config, one a seed. Their parameters stay the caller's. @param pixels opened with the config's own pictures */
export function networkSystem(name: string, networks: readonly Encoder[], pixels: Pixels): System {
  return {
    name,
    seeds: networks.map(({ config }) => config.seed),
    covers: coversAll,
    async answer(tasks, { onProgress, signal } = {}) {
      const answered = await answerTasks(networks, tasks, pixels, {
        controls: false,
        embeddings: true,
        signal,
        onProgress: (progress) => onProgress?.({ ...progress, label: name }),
      });
      return answered.map(({ main, embeddings }) => ({ bySeed: main, embeddings }));
    },
  };
}
