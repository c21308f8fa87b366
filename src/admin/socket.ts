// Offers the admin operations on a Unix socket, to the user who runs the server. No token opens it, and no
// public route leads to it (ASVS 8.4.2).
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { dirname, join, relative, resolve } from 'node:path'
import { Unavailable } from '../unavailable.ts'
import { AdminError, invalid } from './admin-error.ts'
import { type AdminOperations, callOperation } from './operations.ts'

/** A batch of an import has about 1 MB. */
const maxBodyBytes = 8 * 1024 * 1024

/** `sun_path` has 108 bytes on Linux and 104 on macOS, with the final zero. */
const maxSocketPathBytes = 103

/** The path of an installation's socket, for both ends. On Windows it is a named pipe. */
export const adminSocketPath = (dataDir: string): string =>
  process.platform === 'win32'
    ? `\\\\.\\pipe\\dojang-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 32)}`
    : join(dataDir, 'admin.sock')

/** The shorter one of the absolute and the relative path. @throws {Error} if both are too long */
export const shortSocketPath = (path: string): string => {
  if (process.platform === 'win32') return path
  const short =
    [path, relative('.', path)].sort((a, b) => Buffer.byteLength(a) - Buffer.byteLength(b))[0] ?? path
  if (Buffer.byteLength(short) > maxSocketPathBytes)
    throw new Error(
      `The admin socket's path exceeds ${maxSocketPathBytes} bytes: ${path}. Set a shorter DATA_DIR.`,
    )
  return short
}

interface Log {
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

const isInUse = (path: string): Promise<boolean> =>
  new Promise((answer) => {
    const probe = connect(path)
    probe.once('connect', () => {
      probe.destroy()
      answer(true)
    })
    probe.once('error', () => answer(false))
  })

/** Removes the socket of a process that was killed. */
const removeStale = (path: string): void => {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket())
    throw new Error(`The admin socket cannot be created: ${path} is another file. Remove it.`)
  rmSync(path, { force: true })
}

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes)
      throw invalid(`The input is longer than ${maxBodyBytes} bytes. Send less at once.`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}')
  } catch {
    throw invalid('The input is not JSON.')
  }
}

/** Requires JSON as a defence in depth, although a browser cannot reach a Unix socket or a named pipe. */
const operationName = ({ url, method, headers }: IncomingMessage): string => {
  if (method !== 'POST' || headers['content-type'] !== 'application/json')
    throw invalid('Send an operation with POST and as application/json.')
  return /^\/operations\/([a-z.-]{1,64})$/.exec(url ?? '')?.[1] ?? ''
}

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export interface AdminSocket {
  close(): Promise<void>
}

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((ready, failed) => {
    server.once('error', failed)
    // `listen` creates the socket before it returns, so no other file gets this mask.
    const before = process.umask(0o177)
    try {
      server.listen(path, ready)
    } finally {
      process.umask(before)
    }
  })

/**
 * Serves `operations` at `path` with mode 0600, and creates its directory with mode 0700.
 * If another process of the same DATA_DIR already serves that path, it only logs a warning.
 */
export const openAdminSocket = async ({
  operations,
  path,
  log,
}: {
  operations: AdminOperations
  path: string
  log: Log
}): Promise<AdminSocket> => {
  const server = createServer(async (request, response) => {
    try {
      const name = operationName(request)
      send(response, 200, await callOperation(operations, name, await readBody(request)))
    } catch (error) {
      if (error instanceof AdminError)
        return send(response, 400, { error: { code: error.code, message: error.message } })
      if (error instanceof Unavailable)
        return send(response, 503, {
          error: { code: 'unavailable', message: `${error.message}. Try again.` },
        })
      // Log only the name: the input may hold a password.
      log.error({ err: error, operation: request.url }, 'An admin operation failed')
      send(response, 500, {
        error: { code: 'internal', message: 'The operation failed. See the log of the server.' },
      })
    }
  })

  const onFile = process.platform !== 'win32'
  const address = shortSocketPath(path)
  if (onFile) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (await isInUse(address)) {
    log.warn(
      {},
      'Another Dojang already serves the admin socket of this DATA_DIR, so this process does not serve it',
    )
    return { close: async () => {} }
  }
  if (onFile) removeStale(path)
  await listen(server, address)
  // A cluster worker ignores the mask. Only the owner gets write permission, which connecting needs.
  if (onFile) chmodSync(path, 0o600)
  return {
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeIdleConnections()
      }),
  }
}
