export { areaUnderCurve } from '../statistics/auc.js';
export { bootstrapAll, clusterBootstrap, type Interval } from '../statistics/bootstrap.js';
export { type ExchangeRate, exchangeRate, type MetricPair } from '../statistics/exchange-rate.js';
