// The blacklist in Redis, whole under one hash tag. A name is `<kind>:<value>`.
//   dojang:{blacklist}:entries    hash: name -> `<revokedAt> <expiresAt> <cutoff>` in ms, cutoff - where there is none
//   dojang:{blacklist}:expiries   sorted set: name by expiresAt, to tidy up by
//   dojang:{blacklist}:changes    sorted set: name by revokedAt, to read what is new
import {
  type Blacklist,
  type Revocation,
  type RevocationKind,
  revocationKinds,
} from '../../revocation/blacklist.ts'
import type { RedisConnection } from './connection.ts'
import { anHour, ttlMs } from './expiry.ts'
import { luaScript } from './lua.ts'

const entriesKey = 'dojang:{blacklist}:entries'
const expiriesKey = 'dojang:{blacklist}:expiries'
const changesKey = 'dojang:{blacklist}:changes'

const nameOf = ({ kind, value }: { kind: RevocationKind; value: string }): string => `${kind}:${value}`

const revocationOf = (name: string, entry: string): Revocation | undefined => {
  const kind = revocationKinds.find((kind) => name.startsWith(`${kind}:`))
  const [revokedAt, expiresAt, cutoff] = entry.split(' ')
  if (kind === undefined) return undefined
  return {
    kind,
    value: name.slice(kind.length + 1),
    ...(cutoff !== '-' && { cutoff: new Date(Number(cutoff)) }),
    revokedAt: new Date(Number(revokedAt)),
    expiresAt: new Date(Number(expiresAt)),
  }
}

export const createRedisBlacklist = (connection: RedisConnection): Blacklist => {
  const add = luaScript<'added'>(connection, 'add-to-blacklist')

  const everyEntry = () => connection.run((redis) => redis.hgetall(entriesKey))

  const entriesSince = (since: Date) =>
    connection.run(async (redis) => {
      const names = await redis.zrangebyscore(changesKey, since.getTime(), '+inf')
      if (names.length === 0) return {}
      const entries = await redis.hmget(entriesKey, ...names)
      // One that is missing expired and was tidied up between the two questions.
      return Object.fromEntries(names.flatMap((name, at) => (entries[at] ? [[name, entries[at]]] : [])))
    })

  return {
    add: async (revocation) => {
      const { cutoff, revokedAt, expiresAt } = revocation
      await add(
        [entriesKey, expiriesKey, changesKey],
        [
          nameOf(revocation),
          revokedAt.getTime(),
          expiresAt.getTime(),
          cutoff?.getTime() ?? '-',
          ttlMs(revokedAt, expiresAt, anHour),
          revokedAt.getTime() - anHour,
        ],
      )
    },
    find: async (names, now) => {
      if (names.length === 0) return []
      const asked = names.map(nameOf)
      const entries = await connection.run((redis) => redis.hmget(entriesKey, ...asked))
      return asked
        .flatMap((name, at) => (entries[at] ? (revocationOf(name, entries[at]) ?? []) : []))
        .filter(({ expiresAt }) => now < expiresAt)
    },
    list: async (now, since) => {
      const entries = await (since === undefined ? everyEntry() : entriesSince(since))
      return Object.entries(entries)
        .flatMap(([name, entry]) => revocationOf(name, entry) ?? [])
        .filter(({ expiresAt }) => now < expiresAt)
        .sort((a, b) => a.revokedAt.getTime() - b.revokedAt.getTime())
    },
  }
}
