// The admin operations on a Unix socket: for whoever may read DATA_DIR, and for nobody on a network. No token opens it,
// and no route of the public listener leads here (ASVS 8.4.2).
import { createHash } from 'node:crypto'
import { chmodSync, lstatSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { dirname, join, relative, resolve } from 'node:path'
import { Unavailable } from '../unavailable.ts'
import { AdminError, invalid } from './admin-error.ts'
import { type AdminOperations, callOperation } from './operations.ts'

/** A batch of an import is about 1 MB; this is room for it, and a bound. */
const maxBodyBytes = 8 * 1024 * 1024

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, its final zero included. */
const maxSocketPathBytes = 103

/** Where the socket of an installation is; both ends ask here. On Windows it is a named pipe. */
export const adminSocketPath = (dataDir: string): string =>
  process.platform === 'win32'
    ? `\\\\.\\pipe\\dojang-${createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 32)}`
    : join(dataDir, 'admin.sock')

/** The same socket in as few bytes as can be. @throws {Error} if they are still too many for the system */
export const shortSocketPath = (path: string): string => {
  if (process.platform === 'win32') return path
  const short =
    [path, relative('.', path)].sort((a, b) => Buffer.byteLength(a) - Buffer.byteLength(b))[0] ?? path
  if (Buffer.byteLength(short) > maxSocketPathBytes)
    throw new Error(
      `The path of the admin socket is longer than a system allows (${maxSocketPathBytes} bytes): ${path}. Choose a shorter DATA_DIR.`,
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

/** What a process that was killed left behind. */
const removeStale = (path: string): void => {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (found === undefined) return
  if (!found.isSocket()) throw new Error(`${path} is in the way of the admin socket and is no socket.`)
  rmSync(path, { force: true })
}

const readBody = async (request: IncomingMessage): Promise<unknown> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBodyBytes) throw invalid(`The input is longer than ${maxBodyBytes} bytes.`)
    chunks.push(chunk)
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}')
  } catch {
    throw invalid('The input is not JSON.')
  }
}

/** The name of the operation. Demands JSON, so that no other program reaches an operation by accident. */
const operationName = ({ url, method, headers }: IncomingMessage): string => {
  if (method !== 'POST' || headers['content-type'] !== 'application/json')
    throw invalid('Operations are POSTed as JSON.')
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
    // The socket is bound before `listen` returns, so nobody else's file is made under this mask.
    const before = process.umask(0o177)
    try {
      server.listen(path, ready)
    } finally {
      process.umask(before)
    }
  })

/**
 * Serves `operations` at `path`, with mode 0600; its directory is made with 0700 if it is not there. If another process serves it already (a
 * second server of the same DATA_DIR on a shared database), a warning says so and this one serves none.
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
      // The input may hold a password: only its name is logged.
      log.error({ err: error, operation: request.url }, 'An admin operation failed')
      send(response, 500, {
        error: { code: 'internal', message: 'The operation failed; see the log of the server.' },
      })
    }
  })

  const onFile = process.platform !== 'win32'
  const address = shortSocketPath(path)
  if (onFile) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (await isInUse(address)) {
    log.warn({}, 'Another Dojang serves the admin socket of this DATA_DIR; this one serves none.')
    return { close: async () => {} }
  }
  if (onFile) removeStale(path)
  await listen(server, address)
  // What counts where the mask did not (a cluster's worker): connecting needs write permission on the socket.
  if (onFile) chmodSync(path, 0o600)
  return {
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeIdleConnections()
      }),
  }
}
