import { wrongOption } from '../checks/error.js';
import type { Command } from './command.js';

/** Each loaded only when it is asked for. */
const verbs: Record<string, () => Promise<Command>> = {
  inspect: async () => (await import('./data-inspect.js')).dataInspect,
  fetch: async () => (await import('./data-fetch.js')).dataFetch,
  pack: async () => (await import('./data-pack.js')).dataPack,
};

/** `moon-lab data VERB ...`: what can be done with data on disk. Without a verb it prints the usage of each. */
export const data: Command = {
  usage: 'data inspect | fetch | pack ...',
  summary: 'look into a data folder, fetch the images that its rows name by URL, make the shipped pack anew',
  async run([verb, ...args]) {
    if (verb === undefined) {
      for (const load of Object.values(verbs)) console.log((await load()).usage);
      return 0;
    }
    if (!Object.hasOwn(verbs, verb)) throw wrongOption('data', verb, `one of ${Object.keys(verbs).join(' | ')}`);
    return (await verbs[verb]()).run(args);
  },
};
