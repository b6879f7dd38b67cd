import { type Browser, chromium as playwright } from 'playwright-core';
import { findBrowser } from '../../src/notebook/draw-figure.js';

/** Where a browser is, if there is one: tests that look at pictures need it and are skipped elsewhere. */
export const chromium = findBrowser();

/** The heading of a group of tests that need a browser: says why they are skipped. */
export function inBrowser(what: string): string {
  return chromium ? what : `${what} (skipped: no Chromium on the PATH; on Debian: apt-get install chromium)`;
}

export function startBrowser(): Promise<Browser> {
  return playwright.launch({ executablePath: chromium, args: ['--no-sandbox'] });
}
