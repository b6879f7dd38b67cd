export { clusterBootstrap, type Interval } from '../statistics/bootstrap.js';
