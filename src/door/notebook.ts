export { budgeted, stepBudget } from '../notebook/budget.js';
export { progressBar } from '../notebook/progress.js';
export { saveFigure } from '../notebook/save-figure.js';
export { show, showLive } from '../notebook/show.js';
export { tensorText } from '../notebook/tensor-text.js';
export { watchStudy } from '../notebook/watch-study.js';
