import { integer } from '../checks/schema.js';

export const microBatchSchema = integer({
  min: 1,
  max: 65536,
  help: 'sequences embedded together; a larger step uses cached representations (GradCache)',
});
