export { verifyFolder } from '../verify/verify.js';
