import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pgserver } from '../../needs.js';

/** A PostgreSQL server of PyPI's pgserver on a port of loopback, with its data in a temporary folder. */
export interface TestServer {
  /** Its address, with a password. */
  url: string;
  start(): Promise<void>;
  /** End it at once, as a power failure does. */
  kill(): Promise<void>;
  /** End it, and remove its data. */
  remove(): Promise<void>;
}

/** The password of its user, for tests of what is printed. */
export const PASSWORD = 's3cret-of-the-tests';

/** PostgreSQL does not run as root: there it runs as nobody. */
const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

export async function testServer(): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'moon-postgres-'));
  const data = join(folder, 'data');
  let programs = join(pgserver, 'pginstall/bin');
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  if (spawnSync(join(programs, 'postgres'), ['--version'], { ...user, cwd: folder }).status !== 0) {
    // Nobody may not read what lies in a folder of root. The programs find their libraries beside the package.
    for (const ending of ['', '.libs'])
      cpSync(`${pgserver}${ending}`, join(folder, `pgserver${ending}`), { recursive: true });
    programs = join(folder, 'pgserver/pginstall/bin');
  }
  mkdirSync(data, { mode: 0o700 });
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, PASSWORD);
  if (user.uid !== undefined) chownSync(data, user.uid, user.gid);
  const initdb = ['-D', data, '-U', 'moon', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync'];
  execFileSync(join(programs, 'initdb'), [...initdb, '-E', 'UTF8', '--locale=C'], {
    ...user,
    cwd: folder,
    stdio: 'pipe',
  });
  const port = await freePort();
  const url = `postgres://moon:${PASSWORD}@127.0.0.1:${port}/postgres`;
  const options = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    `unix_socket_directories=${folder}`,
    'fsync=off',
    'full_page_writes=off',
    'autovacuum=off',
    'max_connections=10',
    'shared_buffers=16MB',
  ];
  let ended: Promise<void> = Promise.resolve();
  let end: (signal: NodeJS.Signals) => void = () => {};
  const server: TestServer = {
    url,
    async start() {
      const child = spawn(join(programs, 'postgres'), ['-D', data, ...options.flatMap((each) => ['-c', each])], {
        ...user,
        cwd: folder,
        stdio: 'ignore',
      });
      ended = new Promise((resolve) => child.once('exit', () => resolve()));
      end = (signal) => child.kill(signal);
      await answers(url);
    },
    async kill() {
      end('SIGQUIT');
      await ended;
    },
    async remove() {
      await server.kill();
      rmSync(folder, { recursive: true });
    },
  };
  await server.start();
  return server;
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
