import type { CellName } from './run-study.js';
import type { CellMessage } from './trial-messages.js';

/** How far a whole study is, from what its cells tell: training is nearly all of a cell. */
export interface StudyProgress {
  label: string;
  /** In hundredths of a cell. */
  done: number;
  total: number;
  note: string;
}

/** Adds up what cells tell. @param cells of the study */
export function studyProgress(cells: number) {
  const shares = new Map<string, number>();
  let ended = 0;
  const nameOf = ({ row, seed }: CellName) => `${row}, seed ${seed}`;
  return {
    tell(cell: CellName, { label, done, total, note }: CellMessage & { kind: 'progress' }): StudyProgress {
      if (label === 'training' && total) shares.set(nameOf(cell), done / total);
      const part = total ? ` ${Math.floor((100 * done) / total)}%` : '';
      return this.now(`${nameOf(cell)}: ${label}${part}${note ? `, ${note}` : ''}`);
    },
    end(cell: CellName): StudyProgress {
      ended++;
      shares.delete(nameOf(cell));
      return this.now('');
    },
    now(note: string): StudyProgress {
      const under = [...shares.values()].reduce((sum, share) => sum + share, 0);
      const done = Math.round(100 * (ended + under));
      return { label: `${ended} of ${cells} trials`, done, total: 100 * cells, note };
    },
  };
}
