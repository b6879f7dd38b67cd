import { integer } from '../checks/schema.js';

export const microBatchSchema = integer({
  min: 1,
  max: 65536,
  help: 'sequences embedded at once; a larger step goes through cached representations (GradCache)',
});
