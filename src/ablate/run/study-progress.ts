import type { TrialName } from './run-study.js';
import type { TrialMessage } from './trial-messages.js';

/** Progress of a whole study. A trial counts by its fraction of training steps, which take nearly all of its time. */
export interface StudyProgress {
  label: string;
  /** In hundredths of a trial. */
  done: number;
  total: number;
  note: string;
}

/** Sums up the progress of parallel trials. @param trials number of trials in the study */
export function studyProgress(trials: number) {
  const fractions = new Map<string, number>();
  let ended = 0;
  const nameOf = ({ row, seed }: TrialName) => `${row}, seed ${seed}`;
  return {
    update(trial: TrialName, { label, done, total, note }: TrialMessage & { kind: 'progress' }): StudyProgress {
      if (label === 'training' && total) fractions.set(nameOf(trial), done / total);
      const part = total ? ` ${Math.floor((100 * done) / total)}%` : '';
      return this.now(`${nameOf(trial)}: ${label}${part}${note ? `, ${note}` : ''}`);
    },
    end(trial: TrialName): StudyProgress {
      ended++;
      fractions.delete(nameOf(trial));
      return this.now('');
    },
    now(note: string): StudyProgress {
      const running = [...fractions.values()].reduce((sum, fraction) => sum + fraction, 0);
      const done = Math.round(100 * (ended + running));
      return { label: `${ended} of ${trials} trials`, done, total: 100 * trials, note };
    },
  };
}
