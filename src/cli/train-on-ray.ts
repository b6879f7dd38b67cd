import { UserError } from '../checks/error.js';
import { moonLabCommand } from '../cluster/ray.js';
import { trainOnRay } from '../cluster/ray-training.js';
import type { WorkerMessage } from '../cluster/worker.js';
import { savedSteps } from '../encoder/checkpoints.js';
import { isRun } from '../train/run/manifest.js';
import { type TrainOptions, workersOf } from './train-config.js';
import { placeHere } from './train-place.js';

/** How often a training begins again without having come to a further checkpoint. */
const TRIES = 3;

/**
 * Train with several workers on a Ray cluster. If one is lost, all resume from the last checkpoint.
 * @returns exit code: 1 if it was stopped
 * @throws UserError for an invalid config, if Ray cannot be started, or with the error of a worker
 */
export async function trainOnCluster(options: TrainOptions): Promise<number> {
  const { python, address, threads = 1 } = options;
  const out = options.run ?? options.out;
  const workers = workersOf(options);
  if (isRun(out) && !options.resume)
    throw new UserError(`${out}: already contains a run. Resume it with --resume, or choose another --out.`);
  const place = placeHere(options.json);
  let stopped = false;
  const onMessage = (message: WorkerMessage) => {
    if (message.kind === 'say') place.say(message.text);
    else if (message.kind === 'progress') place.show(message);
    else {
      stopped = (message.result as { stopped?: boolean }).stopped ?? false;
      place.result(message.result);
    }
  };
  const onUp = (cpus: number) => place.show({ label: `Ray, ${cpus} CPUs`, done: 0, total: 0 });
  const commandOf = (resumes: boolean) => [...moonLabCommand, 'train', ...flagsOf(options, out, resumes)];
  let [tries, before] = [0, 0];
  const onLost = (why: string) => {
    const step = savedSteps(out).at(-1) ?? 0;
    tries = step > before ? 1 : tries + 1;
    before = step;
    if (tries >= TRIES || place.signal.aborted)
      throw new UserError(`--on ray: ${why}. npx moon-lab train --run ${out} --resume --on ray resumes.`);
    place.say(`${why}; all workers begin again ${step ? `from step ${step}` : 'from the start'}`);
    return commandOf(isRun(out));
  };
  const watch = { onUp, onMessage, onLost, signal: place.signal };
  try {
    await trainOnRay(commandOf(options.resume), { workers, threads }, { python, address }, watch);
    return stopped ? 1 : 0;
  } finally {
    place.endBar();
    place.close();
  }
}

/** The flags of a worker: those given, or those that resume the run. */
function flagsOf(options: TrainOptions, out: string, resumes: boolean): string[] {
  const { base, config, set, data, fold, every, score, split, tensorboard, allow } = options;
  const named = (values: Record<string, string | number | undefined>) =>
    Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
  const each = (name: string, values: readonly string[]) => values.flatMap((value) => [`--${name}`, value]);
  const start = [...named({ base, config, data, fold }), ...each('set', set)];
  // What the run has from its beginning is given again only where the user allowed it to differ.
  const run = resumes
    ? ['--run', out, '--resume', ...each('allow', allow), ...(options.resume ? start : [])]
    : ['--out', out, ...start];
  return [
    ...run,
    ...named({ every, split }),
    ...(score ? ['--score'] : []),
    ...(tensorboard ? ['--tensorboard'] : []),
    '--as-worker',
  ];
}
