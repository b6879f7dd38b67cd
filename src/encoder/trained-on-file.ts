import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainedOn } from '../data/trained-on.js';
import { writeFileAtomic } from '../store/atomic.js';
import { readJsonFile } from '../store/json-file.js';
import { checkListed } from '../store/run-checksums.js';

const FILE = 'trained-on.json';

/** Write into a run's folder what its network was trained on. @throws UserError when it cannot be written */
export function writeTrainedOn(run: string, trainedOn: TrainedOn): void {
  writeFileAtomic(join(run, FILE), JSON.stringify(trainedOn));
}

/** What the network of a run was trained on; undefined for a run of an earlier moon-lab. @throws UserError for a damaged file */
export function readTrainedOn(run: string): TrainedOn | undefined {
  checkListed(run, FILE);
  const file = join(run, FILE);
  return existsSync(file) ? (readJsonFile(file, 'train again') as TrainedOn) : undefined;
}
