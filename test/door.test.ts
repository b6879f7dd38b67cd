import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** tslab's own TypeScript, 5.0.4, which reads the published types in every cell. */
const ts = require('@tslab/typescript-for-tslab') as typeof import('typescript');

const dist = join(root, 'dist');
const declarations = () =>
  (readdirSync(dist, { recursive: true }) as string[])
    .filter((file) => file.endsWith('.d.ts'))
    .map((file) => join(dist, file));

/** The code of every `@example` of the published types, by the file and the number of the example in it. */
const examples = new Map(
  declarations().flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/@example\s+\* ```ts\n([\s\S]*?)```/g)].map(([, code], at) => [
      join(root, `${relative(dist, file).replaceAll(sep, '.')}.${at + 1}.mts`),
      `import * as moon from 'moon-lab';\n${code.replaceAll(/^ *\* ?/gm, '')}`,
    ]),
  ),
);

/** All declarations and all examples together, as tslab compiles a cell. */
function programOfAll(): import('typescript').Program {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: ['node'],
    lib: ['lib.es2022.d.ts'],
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const host = ts.createCompilerHost(compilerOptions);
  const read = host.readFile;
  host.readFile = (file) => examples.get(file) ?? read(file);
  const isThere = host.fileExists;
  host.fileExists = (file) => examples.has(file) || isThere(file);
  return ts.createProgram([...declarations(), ...examples.keys()], compilerOptions, host);
}

let program: import('typescript').Program;
beforeAll(() => {
  program = programOfAll();
});

function problemsIn(isOurs: (file: string) => boolean): string[] {
  return program
    .getSourceFiles()
    .filter(({ fileName }) => isOurs(fileName))
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
}

test("the published types are sound to tslab's TypeScript, without skipLibCheck", () => {
  expect(problemsIn((file) => file.startsWith(dist))).toEqual([]);
});

test('every everyday name has an example, and every example compiles', () => {
  const checker = program.getTypeChecker();
  const door = checker.getSymbolAtLocation(program.getSourceFile(join(dist, 'index.d.ts'))!)!;
  const everyday = checker
    .getExportsOfModule(door)
    .map((name) => (name.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(name) : name))
    // Rooms, and tf.
    .filter(({ flags }) => !(flags & ts.SymbolFlags.ValueModule));
  expect(everyday.length).toBeGreaterThan(35);
  const bare = everyday.filter((name) => !name.getJsDocTags(checker).some((tag) => tag.name === 'example'));
  expect(bare.map(({ name }) => name)).toEqual([]);
  expect(examples.size).toBeGreaterThanOrEqual(everyday.length);
  expect(problemsIn((file) => examples.has(file))).toEqual([]);
});

test('the reference is complete: no link leads nowhere, and every type that a signature names is described', () => {
  const code =
    "import { readReference } from './src/setup/docs.js'; console.log(JSON.stringify((await readReference()).problems));";
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stdout, stderr).toBe('[]\n');
});

test('no published type is newer than TypeScript 5.0, an any, or one of valibot, which it cannot read', () => {
  const found = declarations().flatMap((file) => {
    const text = readFileSync(file, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
    return (
      text.match(/Uint8Array<|Float32Array<|Int32Array<|Buffer<|NoInfer|MapIterator|'valibot'|: any\b|<any>/g) ?? []
    ).map((word) => `${file}: ${word}`);
  });
  expect(found).toEqual([]);
});
