/**
 * The house in thirty lines: rooms of src from the ground up. A file imports from its own room and those before it; no imports run in a
 * circle. `npm test` checks it.
 */
const rooms = [
  ['checks', 'store', 'engine', 'cluster', 'data', 'text'],
  ['pictures', 'negatives', 'losses', 'statistics', 'search'],
  ['figures', 'maps'],
  ['backbones', 'generate', 'verify', 'weights', 'models', 'moon', 'regions'],
  ['sampler', 'config', 'encoder', 'objectives', 'tasks', 'datasets'],
  ['evaluate', 'train', 'ablate', 'compose', 'relations', 'instances', 'complete', 'summaries', 'graphs', 'notebook', 'cli', 'door'],
].flat();
const above = (room) => `^src/(${rooms.slice(rooms.indexOf(room) + 1).join('|')})/`;
const option = '[/-]options?\\.ts$';

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    ...rooms.slice(0, -1).map((room) => ({
      name: `${room}-imports-down`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      // The config joins the options of every part, and these stand in files of their own.
      to: { path: above(room), ...(room === 'config' ? { pathNot: option } : {}) },
    })),
    { name: 'options-alone', severity: 'error', from: { path: option, pathNot: '^src/(config|datasets)/' }, to: { path: '^src/', pathNot: `^src/checks/|${option}` } },
    { name: 'train-beside-evaluate', severity: 'error', from: { path: '^src/train/' }, to: { path: '^src/evaluate/' } },
    { name: 'only-the-door', severity: 'error', from: { path: '^src/', pathNot: '^src/(index|cli/)' }, to: { path: '^src/index\\.ts$' } },
    { name: 'known-room', severity: 'error', from: { path: '^src/[^/]+/', pathNot: `^src/(${rooms.join('|')}|setup)/` }, to: {} },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^node_modules' },
  },
};
