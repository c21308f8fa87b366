// Refreshes random families of a filled installation over HTTP.

import { loadLocalKeyEncryptionKey } from '../src/encryption/local-key-file.ts'
import { createRefreshTokenFormat } from '../src/tokens/refresh-token-format.ts'
import type { Task } from './load.ts'
import { clientId, type Records } from './scale-records.ts'
import { refreshOnce } from './workloads.ts'

/** Each lane uses its own families, so that no two lanes refresh the same one. */
export const createRandomRefresh = async (
  keysDir: string,
  clientSecret: string,
  records: Records,
): Promise<(families: number, lanes: number) => Task> => {
  const format = createRefreshTokenFormat(await loadLocalKeyEncryptionKey(keysDir))
  const client = { client_id: clientId, client_secret: clientSecret }
  /** The families that were refreshed, with their newest token. */
  const newest = new Map<number, string>()
  return (families, lanes) => async (connection, lane) => {
    const number = Math.floor(Math.random() * Math.floor(families / lanes)) * lanes + lane
    const token = newest.get(number) ?? format.write(records.family(number), 0)
    newest.set(number, await refreshOnce(connection, client, token))
  }
}
