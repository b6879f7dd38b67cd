import { studyJson } from '../ablate/report/export-table.js';
import { studyText } from '../ablate/report/study-text.js';
import { UserError } from '../checks/error.js';
import { compositionStudy } from '../compose/compose-study.js';
import { compositionPrediction, compositionSettings } from '../compose/settings.js';
import type { ChosenStudy } from './ablate-study.js';

/** The flags of `ablate` that matter here. */
export interface CompositionFlags extends ChosenStudy {
  out?: string;
  on: string;
  workers?: number;
  address?: string;
  dryRun: boolean;
  json: boolean;
}

/** With `--quick` each stage takes so many updates: enough to show that everything runs. */
const QUICK = 20;

/** Run the study of composed networks and print its tables. @returns exit code @throws UserError for a flag that it does not have */
export async function runComposition(options: CompositionFlags): Promise<number> {
  const { out = 'studies/compose', seeds, quick, json } = options;
  const unknown = (['rows', 'steps', 'seconds', 'split', 'tasks', 'data', 'workers', 'address'] as const).find(
    (name) => options[name] !== undefined,
  );
  if (unknown || options.dryRun || options.on !== 'processes')
    throw new UserError(
      `--${unknown ?? (options.dryRun ? 'dry-run' : 'on')}: the study compose does not have it; give --out, --seeds, --quick or --json.`,
    );
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop);
  console.error(`study compose: split val, folder ${out}`);
  console.error(`predicted: ${compositionPrediction}`);
  const { words, expert } = compositionSettings;
  let last = '';
  try {
    const result = await compositionStudy({
      out,
      ...(seeds ? { seeds } : quick ? { seeds: [1] } : {}),
      ...(quick && { settings: { words: { ...words, steps: QUICK }, expert: { ...expert, steps: QUICK } } }),
      onProgress({ label, done, total }) {
        if (label !== last) console.error(`${label}, ${total}`);
        last = label;
        if (done === total) last = '';
      },
      signal: controller.signal,
    });
    console.log(json ? JSON.stringify(studyJson(result)) : studyText(result));
    return 0;
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    console.error(`stopped; the same command resumes after the last finished seed, in ${out}`);
    return 1;
  } finally {
    process.removeListener('SIGINT', stop);
  }
}
