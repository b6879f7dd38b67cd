import { UserError } from '../../checks/error.js';

/** A connection to a PostgreSQL server. */
export interface Connection {
  /** Run one statement; values are bound to `$1`, `$2` ... @throws UserError in one sentence, without the password */
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Run statements that take effect together, or not at all. */
  transaction<T>(work: () => Promise<T>, mode?: 'read only'): Promise<T>;
  end(): Promise<void>;
}

const VARIABLE = 'DATABASE_URL';
const PATIENCE = 10_000;

/** What codes of the server, of PostgreSQL's appendix A, and of the system mean to the user. */
const reasons: [RegExp, string][] = [
  [/^(28...)$/, 'refuses the user or the password; check both in DATABASE_URL'],
  [/^3D000$/, 'has no database of this name; create it, or name another one in DATABASE_URL'],
  [/^42501$/, 'does not let this user do that; ask for the right to create tables, and for create extension vector'],
  [/^(58P01|0A000)$/, 'has no pgvector; install it on the server (https://github.com/pgvector/pgvector)'],
  [/^(53100|53200)$/, 'is out of disk or memory; free some, and run the command again'],
  [/^(57P0.|08...|E[A-Z_]+|closed)$/, 'cannot be reached; start it or check DATABASE_URL, and run the command again'],
];

/**
 * Connect to the server that the environment variable `DATABASE_URL` names. The address holds a password: it is never printed or stored.
 * @throws UserError if the variable is not set, or the server cannot be reached
 */
export async function connect(): Promise<Connection> {
  const address = process.env[VARIABLE];
  if (!address)
    throw new UserError(
      `${VARIABLE} is not set, expected the address of a server: postgres://USER:PASSWORD@HOST/DATABASE.`,
    );
  const { default: pg } = await import('pg');
  const open = () => {
    try {
      return new pg.Client({ connectionString: address, connectionTimeoutMillis: PATIENCE, keepAlive: true });
    } catch {
      // The error of a malformed address quotes it.
      throw new UserError(`${VARIABLE} is not an address, expected postgres://USER:PASSWORD@HOST/DATABASE.`);
    }
  };
  const client = open();
  // A lost connection is reported here and by the next query, which throws.
  client.on('error', () => {});
  // Its own text may quote parts of an address that was read in a wrong way.
  await client.connect().catch((error) => {
    throw serverError(error, '');
  });
  const query: Connection['query'] = async (text, values = []) => {
    try {
      return (await client.query<Record<string, unknown>>(text, [...values])).rows;
    } catch (error) {
      throw serverError(error, (error as Error).message);
    }
  };
  return {
    query,
    async transaction(work, mode) {
      await query(mode ? `begin isolation level repeatable read ${mode}` : 'begin');
      try {
        const result = await work();
        await query('commit');
        return result;
      } catch (error) {
        // Where the server is gone, it has rolled back by itself.
        await query('rollback').catch(() => {});
        throw error;
      }
    },
    end: () => client.end().catch(() => {}),
  };
}

/** @param said the server's own sentence, for codes without one of ours */
function serverError(error: unknown, said: string): UserError {
  const { code = 'closed' } = error as { code?: string };
  const reason = reasons.find(([codes]) => codes.test(code))?.[1];
  const text = reason ?? (said ? `says: ${said.replaceAll(/\s+/g, ' ')}` : 'does not accept the connection');
  return new UserError(`The PostgreSQL server of ${VARIABLE} ${text} (${code}).`);
}
