// Connects to the running server through its admin socket, or runs the same operations in this process.
import { request } from 'node:http'
import { connect as connectSocket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import {
  type AdminOperations,
  type AnswerOf,
  callOperation,
  type OperationName,
} from '../admin/operations.ts'
import { adminSocketPath, shortSocketPath } from '../admin/socket.ts'
import type { Config } from '../config.ts'
import { DataDirInUse } from '../stores/sql/data-dir-lock.ts'
import { CliError } from './cli-error.ts'

/** Input and answer follow from the name of the operation. */
export type CallOperation = <Name extends OperationName>(
  operation: Name,
  ...input: Parameters<AdminOperations[Name]>
) => Promise<AnswerOf<Name>>

export interface Connection {
  /** True if a running server answers, false if this process does. */
  isServer: boolean
  call: CallOperation
  close(): Promise<void>
}

/** True if a server accepts connections. False if the socket is missing or stale. */
const isServing = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = connectSocket(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(false)
      else if (error.code === 'EACCES' || error.code === 'EPERM')
        reject(
          new CliError(
            `The admin socket ${path} belongs to another user. Run this command as the user who runs the server.`,
          ),
        )
      else
        reject(
          new CliError(
            `The admin socket ${path} does not answer (${error.code}). Check that the server runs.`,
          ),
        )
    })
  })

interface Failure {
  error: { code: string; message: string }
}

const isFailure = (body: unknown): body is Failure =>
  typeof body === 'object' && body !== null && 'error' in body && typeof body.error === 'object'

const post = (socketPath: string, name: string, input: object): Promise<{ status: number; body: unknown }> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const asking = request({ socketPath, path: `/operations/${name}`, method: 'POST', headers })
    asking.once('error', () => reject(new CliError('The server stopped before it answered. See its log.')))
    asking.once('response', async (response) => {
      try {
        const chunks: Buffer[] = []
        for await (const chunk of response) chunks.push(chunk)
        resolve({
          status: response.statusCode ?? 0,
          body: JSON.parse(Buffer.concat(chunks).toString('utf8')),
        })
      } catch {
        reject(new CliError('The answer of the server was cut off. See its log.'))
      }
    })
    asking.end(JSON.stringify(input))
  })

/** Gives the answer its type. Both connections return plain JSON. */
const typed =
  (ask: (operation: OperationName, input: object) => Promise<unknown>): CallOperation =>
  async <Name extends OperationName>(operation: Name, ...[input]: Parameters<AdminOperations[Name]>) =>
    (await ask(operation, input ?? {})) as AnswerOf<Name>

const throughSocket = (socketPath: string): Connection => ({
  isServer: true,
  call: typed(async (operation, input) => {
    const { status, body } = await post(socketPath, operation, input)
    if (status === 200) return body
    throw new CliError(
      isFailure(body) ? body.error.message : `The server answered with status ${status}. See its log.`,
    )
  }),
  close: async () => {},
})

const openHere = async (config: Config): Promise<Connection> => {
  // Imported only here, because a command that reaches the server does not need it.
  const { openIssuer } = await import('../open-issuer.ts')
  const issuer = await openIssuer(config, {
    migrateFirst: false,
    // Standard output holds only the answer.
    logTo: { write: (line) => process.stderr.write(line) },
  })
  return {
    isServer: false,
    // Through JSON, so that both connections give the same answer.
    call: typed(async (operation, input) =>
      JSON.parse(JSON.stringify(await callOperation(issuer.operations, operation, input))),
    ),
    close: () => issuer.close(),
  }
}

const triesWhileBusy = 40
const pauseMs = 250

/**
 * Connects to the running server, or opens the stores in this process. If the data directory is in use but no
 * server listens, another process is starting or stopping, so it retries for some seconds.
 * @throws {CliError} with the reason
 */
export const connect = async (config: Config): Promise<Connection> => {
  // A database server accepts this process too. A socket in DATA_DIR would belong to another installation.
  if (config.databaseUrl !== undefined) return openHere(config)
  const path = shortSocketPath(adminSocketPath(config.dataDir))
  for (let attempt = 1; ; attempt += 1) {
    if (await isServing(path)) return throughSocket(path)
    try {
      return await openHere(config)
    } catch (error) {
      if (!(error instanceof DataDirInUse)) throw error
      if (attempt === triesWhileBusy)
        throw new CliError(
          `${error.message}\nNo server answers on ${path}. Wait until that process ends, or stop it.`,
        )
      await delay(pauseMs)
    }
  }
}
