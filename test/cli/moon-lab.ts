import { vi } from 'vitest';
import { main } from '../../src/cli/main.js';

/** How a command line ended, and what it said on standard output and standard error. */
export interface Said {
  code: number;
  out: string;
  err: string;
}

/** Run a command line of `npx moon-lab` in this process. */
export async function moonLab(...args: string[]): Promise<Said> {
  const [out, err]: [string[], string[]] = [[], []];
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((line) => void out.push(`${line}\n`)),
    vi.spyOn(console, 'error').mockImplementation((line) => void err.push(`${line}\n`)),
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0),
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0),
  ];
  try {
    const code = await main(args);
    return { code, out: out.join(''), err: err.join('') };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
