export { checkConfig, withSettings } from '../config/check-config.js';
export type { MoonConfig } from '../config/config.js';
export { configDifference, differenceText } from '../config/config-difference.js';
export { withSteps } from '../config/with-steps.js';
