import type { TrialName } from './run-study.js';
import type { TrialMessage } from './trial-messages.js';

/** How far a whole study is, from what its trials tell: training is nearly all of a trial. */
export interface StudyProgress {
  label: string;
  /** In hundredths of a trial. */
  done: number;
  total: number;
  note: string;
}

/** Adds up what trials tell. @param trials of the study */
export function studyProgress(trials: number) {
  const shares = new Map<string, number>();
  let ended = 0;
  const nameOf = ({ row, seed }: TrialName) => `${row}, seed ${seed}`;
  return {
    tell(trial: TrialName, { label, done, total, note }: TrialMessage & { kind: 'progress' }): StudyProgress {
      if (label === 'training' && total) shares.set(nameOf(trial), done / total);
      const part = total ? ` ${Math.floor((100 * done) / total)}%` : '';
      return this.now(`${nameOf(trial)}: ${label}${part}${note ? `, ${note}` : ''}`);
    },
    end(trial: TrialName): StudyProgress {
      ended++;
      shares.delete(nameOf(trial));
      return this.now('');
    },
    now(note: string): StudyProgress {
      const under = [...shares.values()].reduce((sum, fraction) => sum + fraction, 0);
      const done = Math.round(100 * (ended + under));
      return { label: `${ended} of ${trials} trials`, done, total: 100 * trials, note };
    },
  };
}
