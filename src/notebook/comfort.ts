import { watchInNotebook } from './watch.js';

// What a notebook gains by importing the module.
watchInNotebook();
