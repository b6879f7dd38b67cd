import { existsSync, statfsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installedCompiler } from './compiler.js';
import { readStamp } from './files.js';
import { root } from './paths.js';
import { findPython } from './python.js';
import { allSteps } from './setup.js';

const remedies = {
  packages: 'Run `npm start` (or `npx moon-lab setup`): it installs them.',
  engine: 'Run `npx moon-lab setup`: it downloads TensorFlow and compiles the binding.',
  build: 'Run `npx moon-lab setup`: it compiles the TypeScript.',
  kernel: 'Run `npx moon-lab setup`: it writes the kernel spec.',
  lab: 'Run `npm run lab` or `npx moon-lab setup --lab`: it installs a private JupyterLab (only needed for notebooks in the browser).',
};

/** Report what is installed, what is missing, and how to fix it. Changes nothing. Returns 0 if moon-lab can train. */
export async function doctor(args) {
  const findings = [...allSteps.map(inspectStep), inspectPython(), inspectCompiler(), inspectBrowser(), inspectDisk()];
  const engine = await inspectEngine(findings);
  const ok = engine !== null && findings.every((finding) => finding.present || !finding.needed);
  const problems = findings.filter((finding) => !finding.present).map(({ what, remedy }) => ({ what, remedy }));
  if (args.includes('--json')) console.log(JSON.stringify({ ok, engine, problems }, null, 2));
  else print(findings, engine, ok);
  return ok ? 0 : 1;
}

function inspectStep({ name, ready }) {
  let present = false;
  try {
    present = ready();
  } catch {
    // A step that fails to check itself counts as missing.
  }
  return {
    name,
    present,
    needed: name !== 'lab' && name !== 'kernel',
    what: `${name}: not set up`,
    remedy: remedies[name],
  };
}

function inspectPython() {
  try {
    return { name: 'python', present: true, needed: false, detail: findPython() };
  } catch (error) {
    return { name: 'python', present: false, needed: false, what: error.problem, remedy: error.remedy };
  }
}

function inspectCompiler() {
  const name = installedCompiler();
  return {
    name: 'compiler',
    present: name !== undefined,
    needed: false,
    detail: name,
    what: 'No C++ compiler',
    remedy: 'None needed: setup downloads Zig from PyPI instead; g++ is faster (Debian: apt-get install g++).',
  };
}

function inspectBrowser() {
  // Where `notebook/draw-figure.ts` looks, which is not built yet perhaps.
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'msedge'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const places = folders.flatMap((folder) =>
    names.flatMap((each) => [join(folder, each), join(folder, `${each}.exe`)]),
  );
  const name = [process.env.CHROMIUM, ...places].find((each) => each && existsSync(each));
  return {
    name: 'browser',
    present: name !== undefined,
    needed: false,
    detail: name,
    what: 'No Chromium for PNG export and browser tests',
    remedy: 'Install it (Debian: apt-get install chromium) or set CHROMIUM to its path.',
  };
}

function inspectDisk() {
  const disk = statfsSync(root);
  const free = (disk.bavail * disk.bsize) / 1e9;
  const detail = `${free.toFixed(1)} GB free`;
  return {
    name: 'disk',
    present: free > 0.5,
    needed: true,
    detail,
    what: `Only ${detail}`,
    remedy: 'Free some space.',
  };
}

/** Start the engine that a run would use and describe it; null if none starts. Only a native engine or WebGPU is fast enough to train. */
async function inspectEngine(findings) {
  try {
    const { startEngine } = await import(pathToFileURL(join(root, 'dist/engine/engine.js')).href);
    const { backend, tensorflow, device, threads } = await startEngine();
    const fast = backend.startsWith('native') || backend === 'webgpu';
    if (!fast) {
      const chosen = process.env.MOON_ENGINE && 'set by MOON_ENGINE';
      const reason = chosen ?? readStamp('fallback')?.reason ?? 'the native engine is not set up';
      findings.push({
        name: 'speed',
        present: false,
        needed: true,
        what: `Engine ${backend}: ${reason}`,
        remedy: chosen ? 'Unset MOON_ENGINE to train.' : remedies.engine,
      });
    }
    return { backend, tensorflow, device, threads };
  } catch (error) {
    if (findings.find((finding) => finding.name === 'build').present)
      findings.push({
        name: 'start',
        present: false,
        needed: true,
        what: `The engine does not start: ${error.message}`,
        remedy: error.name === 'UserError' ? 'Change or unset it.' : remedies.engine,
      });
    return null;
  }
}

function print(findings, engine, ok) {
  for (const finding of findings) {
    const mark = finding.present ? 'ok     ' : finding.needed ? 'MISSING' : 'absent ';
    const text = finding.present
      ? (finding.detail ?? '')
      : `${finding.what.replace(new RegExp(`^${finding.name}: `), '').replace(/\.$/, '')}. ${finding.remedy}`;
    console.log(`  ${mark} ${finding.name.padEnd(9)} ${text}`);
  }
  if (engine)
    console.log(
      `  engine ${[engine.backend, engine.tensorflow && `TensorFlow ${engine.tensorflow}`, engine.device, `${engine.threads} threads`].filter(Boolean).join(', ')}`,
    );
  console.log(ok ? 'moon-lab can train here.' : 'moon-lab cannot train here yet: see MISSING above.');
}
