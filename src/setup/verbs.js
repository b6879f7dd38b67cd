/** The verbs that work before anything is installed, so this file is plain JavaScript without libraries. It holds all their help texts. */
export const setupVerbs = [
  {
    name: 'setup',
    summary: 'Set up this clone: packages, engine, build, kernel. Every verb does this first.',
    usage: 'setup [--lab]',
    flags: { '--lab': 'install JupyterLab too; `lab` does so when it is first opened' },
    examples: ['setup', 'setup --lab'],
  },
  {
    name: 'doctor',
    summary: 'Show what is installed, what is missing, and how to fix it.',
    usage: 'doctor [--json]',
    flags: { '--json': 'print the findings as JSON' },
    examples: ['doctor', 'doctor --json'],
  },
  {
    name: 'test',
    summary:
      'Check format, lint and types, and run all tests; with paths, run only these tests. Flags are passed to vitest.',
    usage: 'test [PATH ...] [flags of vitest]',
    passesOn: true,
    flags: {},
    examples: ['test', 'test test/cli -t help'],
  },
  {
    name: 'bench',
    summary: 'Run benchmarks and compare with a named rival; without a name, list the benchmarks.',
    usage: 'bench [NAME ...] [--python PATH] [--json]',
    takesNames: true,
    flags: { '--python PATH': 'a Python with the packages to compare with', '--json': 'print the rows as JSON' },
    examples: ['bench', 'bench engine step --python .venv/bin/python'],
  },
  {
    name: 'docs',
    summary:
      'Write the reference of the public API as a website, from its docstrings; a link that leads nowhere is an error.',
    usage: 'docs [--out DIR]',
    flags: { '--out DIR': 'folder of the website (default: runs/docs, which git ignores)' },
    examples: ['docs', 'docs --out /tmp/moon-docs'],
  },
  {
    name: 'lab',
    summary: 'Open JupyterLab on notebooks/; other flags are passed to it. --check executes the notebooks instead.',
    usage: 'lab [--check [NAME ...] [--save]] [flags of JupyterLab]',
    passesOn: true,
    flags: {
      '--check': 'execute all notebooks, or those whose names begin with NAME',
      '--save': 'with --check: keep the outputs in the notebooks',
    },
    examples: ['lab', 'lab --check 01 05-ablation'],
  },
];

/** The help text that `npx moon-lab VERB --help` prints. */
export function helpText({ usage, summary, flags, examples }) {
  const lines = Object.entries({ ...flags, '-h, --help': 'show this help' });
  const width = Math.max(...lines.map(([flag]) => flag.length));
  return [
    `Usage: npx moon-lab ${usage}`,
    '',
    summary,
    '',
    'Options:',
    ...lines.map(([flag, help]) => `  ${flag.padEnd(width)}  ${help}`),
    '',
    'Examples:',
    ...examples.map((example) => `  npx moon-lab ${example}`),
  ].join('\n');
}

/** Describes the first invalid argument of a verb in one sentence; undefined if all are valid. */
export function wrongArgument({ name, passesOn, takesNames, flags }, args) {
  if (passesOn) return undefined;
  const known = Object.keys(flags).map((flag) => flag.split(' '));
  const seen = new Set();
  for (let at = 0; at < args.length; at++) {
    const [flag, inline] = args[at].split(/=(.*)/s);
    const found = known.find(([each]) => each === flag);
    if (!flag.startsWith('-') && takesNames) continue;
    if (!found)
      return `got '${args[at]}', expected ${known.length ? known.map((each) => each.join(' ')).join(' | ') : 'nothing'}; npx moon-lab ${name} --help lists what there is.`;
    if (seen.has(flag)) return `${flag} is given twice; leave one of them out.`;
    seen.add(flag);
    const [, value] = found;
    if (!value && inline !== undefined) return `${flag} takes no value, and got '${inline}'.`;
    if (value && !inline && (++at >= args.length || args[at].startsWith('-')))
      return `${flag} needs a value: ${found.join(' ')}.`;
  }
  return undefined;
}
