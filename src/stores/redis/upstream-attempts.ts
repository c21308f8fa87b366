// The port UpstreamAttempts on Redis, one hash per record.
//   dojang:upstream:<state hash>   the members of the attempt; startedAt, expiresAt in ms
//   dojang:offer:<id hash>         the members of the link confirmation; offeredAt, expiresAt in ms
import type { LinkConfirmation, UpstreamAttempt, UpstreamAttempts } from '../../sessions/upstream-attempt.ts'
import type { RedisConnection } from './connection.ts'
import { hourMs, ttlMs } from './expiry.ts'
import { luaScript } from './lua.ts'

const attemptKey = (stateHash: string): string => `dojang:upstream:${stateHash}`
const offerKey = (idHash: string): string => `dojang:offer:${idHash}`

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

const offerOf = (idHash: string, fields: Fields): LinkConfirmation | undefined => {
  const { offeredAt, expiresAt, emailVerified, ...texts } = fields
  if (offeredAt === undefined) return undefined
  return {
    ...(texts as Pick<LinkConfirmation, 'browserHash' | 'provider' | 'subject' | 'email'>),
    idHash,
    emailVerified: emailVerified === 'true',
    offeredAt: new Date(Number(offeredAt)),
    expiresAt: new Date(Number(expiresAt)),
  }
}

export const createRedisUpstreamAttempts = (connection: RedisConnection): UpstreamAttempts => {
  const write = luaScript<'written'>(connection, 'write-record')
  const takeAttempt = luaScript<[string, ...string[]]>(connection, 'take-upstream-attempt')
  const takeOffer = luaScript<string[]>(connection, 'take-link-confirmation')

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
    offer: async ({ idHash, ...link }) => {
      const keepMs = ttlMs(link.offeredAt, link.expiresAt, hourMs)
      await write([offerKey(idHash)], [keepMs, ...flatOf(link)])
    },
    findOffer: async (idHash) =>
      offerOf(idHash, await connection.run((redis) => redis.hgetall(offerKey(idHash)))),
    takeOffer: async (idHash) => offerOf(idHash, fieldsOf(await takeOffer([offerKey(idHash)], []))),
  }
}
