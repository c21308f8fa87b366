// The port LinkConfirmations on Redis, one hash per record.
//   dojang:link-confirmation:<id hash>  the members of the link confirmation, times in ms
import type { LinkConfirmation, LinkConfirmations } from '../../sessions/link-confirmation.ts'
import type { RedisConnection } from './connection.ts'
import { hourMs, ttlMs } from './expiry.ts'
import { luaScript } from './lua.ts'

const keyOf = (idHash: string): string => `dojang:link-confirmation:${idHash}`

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

export const createRedisLinkConfirmations = (connection: RedisConnection): LinkConfirmations => {
  const write = luaScript<'written'>(connection, 'write-record')
  const take = luaScript<string[]>(connection, 'take-link-confirmation')

  return {
    request: async ({ idHash, ...link }) => {
      const keepMs = ttlMs(link.createdAt, link.expiresAt, hourMs)
      await write([keyOf(idHash)], [keepMs, ...flatOf(link)])
    },
    find: async (idHash) =>
      confirmationOf(idHash, await connection.run((redis) => redis.hgetall(keyOf(idHash)))),
    take: async (idHash) => confirmationOf(idHash, fieldsOf(await take([keyOf(idHash)], []))),
  }
}
