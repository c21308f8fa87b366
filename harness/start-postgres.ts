// A throw-away PostgreSQL from the binaries on this machine. Not durable (fsync off), reachable from loopback only.
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import pg from 'pg'
import { randomToken } from '../src/secrets.ts'
import { freePort } from './free-port.ts'
import { onPath, removeFolder, run, type Service, serve, temporaryFolder, unprivileged } from './process.ts'

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

/** The folder that holds `initdb` and `postgres`, or undefined: clients alone are no server. */
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

/** Starts a server of its own, for a whole run or for a test that stops it on purpose. */
export const startPostgres = async (binaries: string): Promise<Service> => {
  const identity = unprivileged()
  const folder = temporaryFolder(identity)
  try {
    const password = randomToken(16)
    const passwordFile = join(folder, 'password')
    writeFileSync(passwordFile, password, { mode: 0o600 })
    if (identity) chownSync(passwordFile, identity.uid, identity.gid)
    const data = join(folder, 'data')
    const as = { cwd: folder, ...identity }
    const initdb = ['--no-sync', '--username=dojang', `--pwfile=${passwordFile}`, '--auth=scram-sha-256']
    await run(join(binaries, 'initdb'), [...initdb, '--encoding=UTF8', '--locale=C', '--pgdata', data], as)
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
    const server = await serve(
      join(binaries, 'postgres'),
      ['-D', data, ...args],
      { ...as, stopSignal: 'SIGINT' },
      () => answers(url),
    )
    return {
      url,
      stop: async () => {
        await server.stop()
        removeFolder(folder)
      },
    }
  } catch (error) {
    removeFolder(folder)
    throw error
  }
}
