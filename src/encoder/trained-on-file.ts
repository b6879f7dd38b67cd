import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainedOn } from '../data/trained-on.js';
import { writeFileAtomic } from '../store/atomic.js';
import { readJsonFile } from '../store/json-file.js';
import { checkRunFile } from '../store/run-checksums.js';

const FILE = 'trained-on.json';

/**
 * Write the record of the training data to a run folder.
 * @throws UserError if it cannot be written
 */
export function writeTrainedOn(run: string, trainedOn: TrainedOn): void {
  writeFileAtomic(join(run, FILE), JSON.stringify(trainedOn));
}

/**
 * Read the record of the training data of a run; undefined for a run of an earlier version of moon-lab.
 * @throws UserError for a damaged file
 */
export function readTrainedOn(run: string): TrainedOn | undefined {
  checkRunFile(run, FILE);
  const file = join(run, FILE);
  return existsSync(file) ? (readJsonFile(file, 'train again') as TrainedOn) : undefined;
}
