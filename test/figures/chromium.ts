import { existsSync } from 'node:fs';
import { type Browser, chromium as playwright } from 'playwright-core';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** Where a browser is, if there is one: tests that look at pictures need it and are skipped elsewhere. */
export const chromium = process.env.CHROMIUM ?? places.find((path) => existsSync(path));

/** The heading of a group of tests that need a browser: says why they are skipped. */
export function inBrowser(what: string): string {
  return chromium
    ? what
    : `${what} (skipped: no Chromium at ${places.join(', ')}; on Debian: apt-get install chromium)`;
}

export function startBrowser(): Promise<Browser> {
  return playwright.launch({ executablePath: chromium, args: ['--no-sandbox'] });
}
