// A temporary PostgreSQL from the binaries of this machine. It is not durable and listens on loopback only.
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { randomToken } from '../src/secrets.ts'
import { freePort } from './free-port.ts'
import {
  type Identity,
  onPath,
  run,
  type Service,
  serve,
  startInTemporaryFolder,
  unprivileged,
} from './process.ts'

const debianFolders = (): string[] =>
  existsSync('/usr/lib/postgresql')
    ? readdirSync('/usr/lib/postgresql')
        .sort((a, b) => Number(b) - Number(a))
        .map((version) => join('/usr/lib/postgresql', version, 'bin'))
    : []

const configuredFolder = (): string[] => {
  try {
    return [execFileSync('pg_config', ['--bindir'], { encoding: 'utf8', stdio: 'pipe' }).trim()]
  } catch {
    return []
  }
}

/** The folder that contains `initdb` and `postgres`. Undefined if only the client programs are installed. */
export const postgresFolder = (): string | undefined => {
  const initdb = onPath('initdb')
  return [...configuredFolder(), ...debianFolders(), ...(initdb ? [dirname(initdb)] : [])].find(
    (folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres')),
  )
}

const answers = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** Creates a database cluster in the folder. Returns the folder of its data. */
export const initializePostgres = async (
  binaries: string,
  folder: string,
  password: string,
  identity: Identity | undefined,
): Promise<string> => {
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (identity) chownSync(passwordFile, identity.uid, identity.gid)
  const data = join(folder, 'data')
  const access = ['--username=dojang', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
  const args = ['--no-sync', ...access, '--encoding=UTF8', '--locale=C', '--pgdata', data]
  await run(join(binaries, 'initdb'), args, { cwd: folder, ...identity })
  return data
}

/** Starts a server that only the caller uses: for a whole run, or for a test that stops it. */
export const startPostgres = (binaries: string): Promise<Service> => {
  const identity = unprivileged()
  return startInTemporaryFolder(async (folder) => {
    const password = randomToken(16)
    const data = await initializePostgres(binaries, folder, password, identity)
    const port = await freePort()
    const url = `postgres://dojang:${password}@127.0.0.1:${port}/postgres`
    const settings = {
      port: String(port),
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      fsync: 'off',
      synchronous_commit: 'off',
      full_page_writes: 'off',
      max_connections: '200',
    }
    const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const { stop } = await serve(
      join(binaries, 'postgres'),
      ['-D', data, ...args],
      { cwd: folder, ...identity, stopSignal: 'SIGINT' },
      () => answers(url),
    )
    return { url, stop }
  }, identity)
}
