import { type Browser, chromium as playwright } from 'playwright-core';
import { findBrowser } from '../../src/notebook/draw-figure.js';

/** For tests tagged `browser`. */
export function startBrowser(): Promise<Browser> {
  return playwright.launch({ executablePath: findBrowser(), args: ['--no-sandbox'] });
}
