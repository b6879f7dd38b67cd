/** The verbs that work before anything is installed: plain JavaScript, without a library. Everything that is said of them is said here. */
export const setupVerbs = [
  {
    name: 'setup',
    summary: 'Bring this clone to where it can work (every verb does it first).',
    usage: 'setup [--lab]',
    flags: { '--lab': 'JupyterLab too, which `lab` brings when it is first opened' },
    examples: ['setup', 'setup --lab'],
  },
  {
    name: 'doctor',
    summary: 'Say what is present, what is missing, and the remedy of each.',
    usage: 'doctor [--json]',
    flags: { '--json': 'print the findings as JSON' },
    examples: ['doctor', 'doctor --json'],
  },
  {
    name: 'test',
    summary: 'Format, lint, types and tests; with paths these tests alone, and vitest gets every flag.',
    usage: 'test [PATH ...] [flags of vitest]',
    passesOn: true,
    flags: {},
    examples: ['test', 'test test/cli -t help'],
  },
  {
    name: 'bench',
    summary: 'Measure, beside the named rival; without a name list what can be measured.',
    usage: 'bench [NAME ...] [--python PATH] [--json]',
    takesNames: true,
    flags: { '--python PATH': 'a Python that has the rival', '--json': 'print the rows as JSON' },
    examples: ['bench', 'bench engine step --python .venv/bin/python'],
  },
  {
    name: 'lab',
    summary: 'Open JupyterLab on notebooks/, which gets every other flag; --check executes the notebooks instead.',
    usage: 'lab [--check [NAME ...] [--save]] [flags of JupyterLab]',
    passesOn: true,
    flags: {
      '--check': 'execute all notebooks, or those whose names begin with NAME',
      '--save': 'with --check: keep the outputs in the notebooks',
    },
    examples: ['lab', 'lab --check 01 05-ablation'],
  },
];

/** What `npx moon-lab VERB --help` prints. */
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

/** What a verb cannot take of its arguments, in one sentence; undefined where all is well. */
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
