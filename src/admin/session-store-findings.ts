// Compares the store that keeps the sessions here with the one that the server uses. A command on the wrong
// store would end a session that does not exist, and report success.
import type { RememberedSessionStore, SessionStore } from '../sessions/session-store.ts'
import { refused } from './admin-error.ts'
import type { Finding } from './finding.ts'

export interface ExaminedSessionStore {
  /** The store that the settings of this process name. */
  configured: SessionStore
  remembered: RememberedSessionStore
}

interface Difference {
  message: string
  advice: string
}

const differences: Record<SessionStore, Difference> = {
  redis: {
    message: 'The server keeps the sessions in Redis, but REDIS_URL is not set here.',
    advice: 'Set REDIS_URL to the value that the server has.',
  },
  database: {
    message: 'The server keeps the sessions in the database, but REDIS_URL is set here.',
    advice: 'Remove REDIS_URL. To move the sessions to Redis, start the server with it first.',
  },
}

const difference = async (store: ExaminedSessionStore): Promise<Difference | undefined> => {
  const remembered = await store.remembered.read()
  return remembered === undefined || remembered === store.configured ? undefined : differences[remembered]
}

export const sessionStoreFindings = async (store: ExaminedSessionStore): Promise<Finding[]> => {
  const found = await difference(store)
  return found === undefined ? [] : [{ check: 'session store', status: 'fault', ...found }]
}

/** @throws {AdminError} `refused`, if the server keeps the sessions in a different kind of store */
export const requireSessionStoreOfServer = async (store: ExaminedSessionStore): Promise<void> => {
  const found = await difference(store)
  if (found !== undefined) throw refused(`${found.message} ${found.advice}`)
}
