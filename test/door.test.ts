import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const require = createRequire(import.meta.url);

/** tslab's own TypeScript, 5.0.4, which reads the published types in every cell. */
const ts = require('@tslab/typescript-for-tslab') as typeof import('typescript');

const dist = join(root, 'dist');
const declarations = () =>
  (readdirSync(dist, { recursive: true }) as string[])
    .filter((file) => file.endsWith('.d.ts'))
    .map((file) => join(dist, file));

test("the published types are sound to tslab's TypeScript, without skipLibCheck", () => {
  const options = { strict: true, noEmit: true, skipLibCheck: false, types: ['node'], lib: ['lib.es2022.d.ts'] };
  const compilerOptions = {
    ...options,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  };
  const program = ts.createProgram(declarations(), compilerOptions);
  const problems = ts
    .getPreEmitDiagnostics(program)
    .filter(({ file }) => file?.fileName.startsWith(dist))
    .map(({ file, messageText }) => `${file?.fileName}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`);
  expect(problems).toEqual([]);
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
