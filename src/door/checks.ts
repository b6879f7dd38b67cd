export { UserError } from '../checks/error.js';
