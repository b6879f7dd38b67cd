import { studyJson } from '../ablate/report/export-table.js';
import { studyText } from '../ablate/report/study-text.js';
import type { SeedStudyOptions } from '../ablate/run/seed-study.js';
import type { StudyResult } from '../ablate/run/study-result.js';
import { UserError } from '../checks/error.js';
import { completionStudy } from '../complete/completion-study.js';
import { completionPrediction, completionSettings } from '../complete/study-settings.js';
import { compositionStudy } from '../compose/compose-study.js';
import { compositionPrediction, compositionSettings } from '../compose/settings.js';
import { withSteps } from '../config/with-steps.js';
import { graphsStudy } from '../graphs/graphs-study.js';
import { graphPrediction, graphSettings } from '../graphs/study-settings.js';
import { instanceStudy } from '../instances/instances-study.js';
import { instancePrediction, instanceSettings } from '../instances/study-settings.js';
import { relationStudy } from '../relations/relations-study.js';
import { relationPrediction, relationSettings } from '../relations/study-settings.js';
import { summaryPrediction, summarySettings } from '../summaries/study-settings.js';
import { summaryStudy } from '../summaries/summary-study.js';

/** A study whose rows are not changes of a config. */
interface NamedSeedStudy {
  prediction: string;
  /** @param quick train so little that it only shows that everything runs */
  run(options: SeedStudyOptions, quick: boolean): Promise<StudyResult>;
}

/** With `--quick` each stage takes so many updates. */
const QUICK = 20;

const compose: NamedSeedStudy = {
  prediction: compositionPrediction,
  run(options, quick) {
    const { words, expert } = compositionSettings;
    const short = { words: { ...words, steps: QUICK }, expert: { ...expert, steps: QUICK } };
    return compositionStudy({ ...options, ...(quick && { settings: short }) });
  },
};

const relations: NamedSeedStudy = {
  prediction: relationPrediction,
  run(options, quick) {
    const { encoder, training } = relationSettings;
    const short = { encoder: withSteps(encoder, QUICK), training: { ...training, steps: QUICK } };
    return relationStudy({ ...options, ...(quick && { settings: short }) });
  },
};

const instances: NamedSeedStudy = {
  prediction: instancePrediction,
  run(options, quick) {
    const { groups, proposer, training } = instanceSettings;
    const short = {
      groups: { ...groups, train: 10 * QUICK },
      proposer: { ...proposer, steps: QUICK },
      training: { ...training, steps: QUICK },
    };
    return instanceStudy({ ...options, ...(quick && { settings: short }) });
  },
};

const completion: NamedSeedStudy = {
  prediction: completionPrediction,
  run: (options, quick) =>
    completionStudy({
      ...options,
      ...(quick && {
        settings: {
          encoder: withSteps(completionSettings.encoder, QUICK),
          tuning: { ...completionSettings.tuning, steps: QUICK },
        },
      }),
    }),
};

const summary: NamedSeedStudy = {
  prediction: summaryPrediction,
  run: (options, quick) =>
    summaryStudy({ ...options, ...(quick && { settings: { encoder: withSteps(summarySettings.encoder, QUICK) } }) }),
};

const graphs: NamedSeedStudy = {
  prediction: graphPrediction,
  run(options, quick) {
    const { encoder, reward } = graphSettings;
    const short = {
      questions: { train: QUICK, asked: 4 },
      encoder: withSteps(encoder, QUICK),
      words: QUICK,
      naming: QUICK,
      reward: { ...reward, steps: 2 },
    };
    return graphsStudy({ ...options, ...(quick && { settings: short }) });
  },
};

export const seedStudies: Readonly<Record<string, NamedSeedStudy>> = {
  compose,
  relations,
  instances,
  completion,
  summary,
  graphs,
};

/** Flags of `ablate` that these studies do not have. */
const others = ['rows', 'steps', 'seconds', 'split', 'tasks', 'data', 'workers', 'address'] as const;

/** The flags of `ablate` that matter here. */
export interface SeedStudyFlags extends Partial<Record<(typeof others)[number], unknown>> {
  out?: string;
  seeds?: readonly number[];
  on: string;
  quick: boolean;
  dryRun: boolean;
  json: boolean;
}

/** Run one of them and print its tables. @returns exit code @throws UserError for a flag that they do not have */
export async function runSeedStudyByName(name: string, options: SeedStudyFlags): Promise<number> {
  const { out = `studies/${name}`, seeds, quick, json } = options;
  const unknown = others.find((flag) => options[flag] !== undefined);
  if (unknown || options.dryRun || options.on !== 'processes')
    throw new UserError(
      `--${unknown ?? (options.dryRun ? 'dry-run' : 'on')}: the study ${name} does not have it; give --out, --seeds, --quick or --json.`,
    );
  const { prediction, run } = seedStudies[name];
  const controller = new AbortController();
  const stop = () => controller.abort();
  process.once('SIGINT', stop);
  console.error(`study ${name}: split val, folder ${out}`);
  console.error(`predicted: ${prediction}`);
  let last = '';
  try {
    const shown: SeedStudyOptions = {
      out,
      ...(seeds ? { seeds } : quick ? { seeds: [1] } : {}),
      onProgress({ label, done, total }) {
        if (label !== last) console.error(`${label}, ${total}`);
        last = label;
        if (done === total) last = '';
      },
      signal: controller.signal,
    };
    const result = await run(shown, quick);
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
