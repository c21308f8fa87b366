// The port UpstreamAttempts on Redis, one hash per record.
//   dojang:upstream:<state hash>        the members of the attempt
//   dojang:link-confirmation:<id hash>  the members of the link confirmation
// Times are in ms.
import type { LinkConfirmation, UpstreamAttempt, UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import type { RedisConnection } from './connection.ts'
import { hourMs, ttlMs } from './expiry.ts'
import { luaScript } from './lua.ts'

const attemptKey = (stateHash: string): string => `dojang:upstream:${stateHash}`
const confirmationKey = (idHash: string): string => `dojang:link-confirmation:${idHash}`

type Fields = Readonly<Record<string, string>>

/** Reads a list of field, value, field, value, …, the form of HGETALL inside a script. */
const fieldsOf = (flat: readonly string[]): Fields =>
  Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index], flat[2 * index + 1]]),
  )

const flatOf = (record: object): string[] =>
  Object.entries(record)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value]) => [name, value instanceof Date ? String(value.getTime()) : String(value)])

const attemptOf = (stateHash: string, { startedAt, expiresAt, ...texts }: Fields): UpstreamAttempt => ({
  ...(texts as unknown as Omit<UpstreamAttempt, 'stateHash' | 'startedAt' | 'expiresAt'>),
  stateHash,
  startedAt: new Date(Number(startedAt)),
  expiresAt: new Date(Number(expiresAt)),
})

const confirmationOf = (idHash: string, fields: Fields): LinkConfirmation | undefined => {
  const { createdAt, expiresAt, emailVerified, ...texts } = fields
  if (createdAt === undefined) return undefined
  return {
    ...(texts as Pick<LinkConfirmation, 'browserHash' | 'provider' | 'subject' | 'email'>),
    idHash,
    emailVerified: emailVerified === 'true',
    createdAt: new Date(Number(createdAt)),
    expiresAt: new Date(Number(expiresAt)),
  }
}

export const createRedisUpstreamAttempts = (connection: RedisConnection): UpstreamAttempts => {
  const write = luaScript<'written'>(connection, 'write-record')
  const takeAttempt = luaScript<[string, ...string[]]>(connection, 'take-upstream-attempt')
  const takeConfirmation = luaScript<string[]>(connection, 'take-link-confirmation')

  return {
    begin: async ({ stateHash, ...attempt }) => {
      const keepMs = ttlMs(attempt.startedAt, attempt.expiresAt, hourMs)
      await write([attemptKey(stateHash)], [keepMs, ...flatOf(attempt)])
    },
    take: async (stateHash, { browserHash, provider }) => {
      const [outcome, ...flat] = await takeAttempt([attemptKey(stateHash)], [browserHash, provider])
      if (outcome === 'taken') return { outcome, attempt: attemptOf(stateHash, fieldsOf(flat)) }
      return { outcome: outcome === 'foreign' ? 'foreign' : 'unknown' }
    },
    requestConfirmation: async ({ idHash, ...link }) => {
      const keepMs = ttlMs(link.createdAt, link.expiresAt, hourMs)
      await write([confirmationKey(idHash)], [keepMs, ...flatOf(link)])
    },
    findConfirmation: async (idHash) =>
      confirmationOf(idHash, await connection.run((redis) => redis.hgetall(confirmationKey(idHash)))),
    takeConfirmation: async (idHash) =>
      confirmationOf(idHash, fieldsOf(await takeConfirmation([confirmationKey(idHash)], []))),
  }
}
