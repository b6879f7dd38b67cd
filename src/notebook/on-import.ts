import { watchInNotebook } from './watch.js';

// A side effect of importing moon-lab: in a notebook, long calls show a progress bar and can be interrupted.
watchInNotebook();
