import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import * as line from '../../src/cli/main.js';
import { moonLab } from './moon-lab.js';

/** Every verb, those of `data` too, with the words that call it. */
function verbsOf(command: Command, words: string[] = []): [string, Command][] {
  if (!command.commands.length) return [[words.join(' '), command]];
  return command.commands.flatMap((each) => verbsOf(each, [...words, each.name()]));
}
const verbs = verbsOf(line.moonLab(() => {}));

test('every file of src/cli/verbs is a verb', () => {
  const files = readdirSync('src/cli/verbs').map((name) => name.replace('.ts', '').replace(/^(data|model)-/, '$1 '));
  expect(verbs.map(([name]) => name).toSorted()).toEqual(files.toSorted());
});

describe.each(verbs)('%s --help', (name, command) => {
  test('says in one sentence what the verb does, and what every flag and argument means', async () => {
    const { code, out, err } = await moonLab(...name.split(' '), '--help');
    expect([code, err]).toEqual([0, '']);
    const text = out.replaceAll(/\s+/g, ' ');
    expect(command.description()).toMatch(/^[A-Z][^.]*(\.\w[^.]*)*\.$/);
    expect(text).toContain(command.description());
    expect(command.options.length).toBeGreaterThan(1);
    for (const { flags, description, hidden } of command.options) {
      expect(description, flags).toMatch(/^[a-zA-Z].{9,}[^.]$/);
      if (hidden) expect(text).not.toContain(flags);
      else expect(text).toContain(`${flags} ${description}`);
    }
    for (const argument of command.registeredArguments)
      expect(text).toContain(`${argument.name()} ${argument.description}`);
    expect(await moonLab('help', ...name.split(' '))).toEqual({ code, out, err });
  });

  test('has two examples that the command line understands', async () => {
    const { out } = await moonLab(...name.split(' '), '--help');
    const examples = out.split('\nExamples:\n')[1].trim().split('\n');
    expect(examples).toHaveLength(2);
    for (const example of examples) {
      const [npx, moon, ...args] = example.trim().split(' ');
      expect([npx, moon, ...args.slice(0, name.split(' ').length)].join(' ')).toBe(`npx moon-lab ${name}`);
      let understood = false;
      line
        .moonLab(() => {
          understood = true;
        })
        .parse(args, { from: 'user' });
      expect(understood, example).toBe(true);
    }
  });
});

test('defaults and choices are shown', async () => {
  const { out } = await moonLab('train', '--help');
  const text = out.replaceAll(/\s+/g, ' ');
  expect(text).toContain('--split <train|dev|val|test> whose photos the report shows (default: dev)');
  expect(text).toContain('--out <DIR> folder of the new run (default: runs/train)');
  expect(text).toContain('config to start from, such as paper or fashion (default: grocery,');
});

test('the list of verbs names all, those of the setup too', async () => {
  const setup = [{ name: 'doctor', summary: 'Say what is missing.' }];
  const lines: string[] = [];
  const program = line.moonLab(() => {}, setup).configureOutput({ writeOut: (text) => void lines.push(text) });
  program.outputHelp();
  const text = lines.join('').replaceAll(/\s+/g, ' ');
  for (const { name, summary } of setup) expect(text).toContain(`${name} ${summary}`);
  for (const command of program.commands) expect(text).toContain(command.description());
});

test('to read a command line loads nothing but src/cli, checks and commander', () => {
  const seen = new Set<string>();
  const visit = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    if (file.startsWith('src/'))
      for (const [, from] of readFileSync(file, 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)';/gm))
        visit(from.startsWith('.') ? join(dirname(file), from.replace(/\.js$/, '.ts')) : from);
  };
  visit('src/cli/main.ts');
  const allowed =
    /^(src\/cli\/(main|verb|flags|places|verbs\/[\w-]+)\.ts|src\/checks\/[\w-]+\.ts|src\/data\/tables\/(usual-)?columns\.ts|commander|node:.*)$/;
  expect([...seen].filter((file) => !allowed.test(file))).toEqual([]);
  expect(seen).toContain('src/cli/verbs/train.ts');
  expect(seen).toContain('commander');
});
